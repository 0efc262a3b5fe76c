/** One problem of the configuration, as a part of a sentence: `pollMs (a.json): expected …`. */
export type ConfigProblem = string;

/** The configuration is wrong. The message names every problem. */
export class ConfigError extends Error {
  readonly code = "CONFIG";
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    super([`The configuration has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
