import type { SuiteResult } from "./suite-result.ts";

/** One round: every suite once, in the order of one seed. */
export interface Round {
  /** From 1. */
  readonly number: number;
  readonly seed: number;
  readonly seconds: number;
  readonly suites: readonly SuiteResult[];
}

/** Whether nothing failed. */
export function hasPassed(round: Round): boolean {
  return round.suites.every((suite) => suite.failed === 0);
}

/** What is told after a round: its counts, each suite's, what failed, and how to repeat it. */
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

/** What is told at the end; the last line has the counts of all rounds. */
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
