import { MillraceError } from "@millrace/queue";

/** `drain` or `runUntil` ran `maxRuns` jobs, and there were more. What ran has run, and its outcomes are written. */
export class DrainLimitError extends MillraceError {
  readonly code = "DRAIN_LIMIT";
  /** How many runs each type of job had. */
  readonly runs: ReadonlyMap<string, number>;
  constructor(maxRuns: number, runs: ReadonlyMap<string, number>) {
    const list = [...runs]
      .sort(([, one], [, other]) => other - one)
      .map(([type, count]) => `${type} ${count}`);
    super(
      `${maxRuns} jobs ran, and there are more (runs by type: ${list.join(", ")}). ` +
        "A job may enqueue or retry itself for ever. If it does not, give a greater `maxRuns`.",
    );
    this.runs = runs;
  }
}
