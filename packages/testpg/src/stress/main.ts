import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { startBusyLoops } from "./busy-loops.ts";
import { type DatabaseSuite, databaseSuites } from "./database-suites.ts";
import { runSuite } from "./run-suite.ts";
import { type StressOptions, StressUsageError, stressOptions, usage } from "./stress-options.ts";
import { hasPassed, type Round, roundReport, stressReport } from "./stress-report.ts";
import type { SuiteResult } from "./suite-result.ts";

// Runs the database suites again and again, in random orders, beside one busy loop per core.

const root = resolve(import.meta.dirname, "../../../..");

/** How many suites run at a time: as many as in `pnpm test`. */
const suitesAtOnce = 2;

try {
  const options = stressOptions(process.argv.slice(2), Date.now());
  const suites = await databaseSuites(root, options.packages);
  process.exitCode = (await stress(suites, options)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof StressUsageError)) throw error;
  process.stderr.write(`test:stress: ${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

/**
 * Runs all rounds, and returns whether each round passed. A signal ends the round under way, and this round does not
 * count.
 */
async function stress(suites: readonly DatabaseSuite[], options: StressOptions): Promise<boolean> {
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stopping.abort());
  const cores = availableParallelism();
  await using _loops = startBusyLoops(cores);
  process.stdout.write(
    `${suites.map((suite) => suite.name).join(", ")}: ${options.rounds} rounds beside ${cores} busy loops\n`,
  );
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round = await runRound(suites, {
      number,
      seed: options.seed + number - 1,
      signal: stopping.signal,
    });
    if (stopping.signal.aborted) {
      process.stdout.write(`stopped by a signal in round ${number}, seed ${round.seed}\n`);
      break;
    }
    rounds.push(round);
    process.stdout.write(roundReport(round, options.rounds));
    if (!hasPassed(round)) process.stdout.write(`  logs: ${folderOf(number)}\n`);
  }
  process.stdout.write(stressReport(rounds));
  return rounds.length === options.rounds && rounds.every(hasPassed);
}

/** The round to run. */
interface RoundOptions {
  readonly number: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

async function runRound(suites: readonly DatabaseSuite[], options: RoundOptions): Promise<Round> {
  const { number, seed, signal } = options;
  const startedAt = performance.now();
  const results: SuiteResult[] = [];
  const left = [...suites];
  async function runNext(): Promise<void> {
    for (let suite = left.shift(); suite !== undefined && !signal.aborted; suite = left.shift()) {
      results.push(await runSuite(suite, { seed, folder: folderOf(number), signal }));
    }
  }
  await Promise.all(Array.from({ length: suitesAtOnce }, runNext));
  results.sort((a, b) => (a.package < b.package ? -1 : 1));
  return { number, seed, seconds: (performance.now() - startedAt) / 1_000, suites: results };
}

function folderOf(round: number): string {
  return join(root, "test-results/stress", `round-${round}`);
}
