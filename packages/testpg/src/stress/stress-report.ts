import type { SuiteResult } from "./suite-result.ts";

/** One round: each suite once, in the order of one seed. */
export interface Round {
  /** From 1. */
  readonly number: number;
  readonly seed: number;
  readonly seconds: number;
  readonly suites: readonly SuiteResult[];
}

/** Returns whether no test of a round failed. */
export function hasPassed(round: Round): boolean {
  return round.suites.every((suite) => suite.failed === 0);
}

/**
 * Returns the text that is printed after a round: the counts of the round and of each suite, the failures, and how to
 * repeat the round.
 */
export function roundReport(round: Round, rounds: number): string {
  const { passed, failed } = totals([round]);
  const lines = [
    `round ${round.number} of ${rounds}, seed ${round.seed}: ` +
      `${passed} passed, ${failed} failed, ${Math.round(round.seconds)} s`,
    `  ${round.suites.map((suite) => `${suite.package} ${suite.passed} in ${Math.round(suite.seconds)} s`).join(", ")}`,
  ];
  for (const suite of round.suites) {
    for (const failure of suite.failures) lines.push(`  failed: ${suite.package} ${failure}`);
    if (suite.failures.length > 0) {
      lines.push(`  again: pnpm test:stress --rounds 1 --seed ${round.seed} --package ${suite.package}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Returns the text that is printed at the end. The last line has the counts of all rounds. */
export function stressReport(rounds: readonly Round[]): string {
  const { passed, failed } = totals(rounds);
  return `${rounds.filter(hasPassed).length} of ${rounds.length} rounds passed\n${passed} passed, ${failed} failed\n`;
}

function totals(rounds: readonly Round[]): { passed: number; failed: number } {
  const suites = rounds.flatMap((round) => round.suites);
  return {
    passed: suites.reduce((sum, suite) => sum + suite.passed, 0),
    failed: suites.reduce((sum, suite) => sum + suite.failed, 0),
  };
}
