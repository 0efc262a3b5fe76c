import { checkFields, fieldNames, integerIn } from "@millrace/base";
import { createQueue, createWorker, InvalidOptionError, type Middleware } from "@millrace/queue";
import { DrainLimitError } from "./drain-limit-error.ts";
import { type DrainResult, DrainTally } from "./drain-result.ts";
import { type DueWork, readDueWork } from "./due-work.sql.ts";
import type { TestQueueParts } from "./test-queue-options.ts";

/** The options of `drain`. All are optional. */
export interface DrainOptions {
  /** The queues to drain. Default: all queues that have jobs. */
  queues?: readonly string[];
  /**
   * Whether to move the clock to each next due date, so that delayed jobs, retries and snoozed jobs run, too. Needs a
   * test clock. Default false: only jobs that are due now run.
   */
  withScheduled?: boolean;
  /** How many runs there may be, 1 to 1,000,000. Default 1,000. More mean a job that enqueues itself for ever. */
  maxRuns?: number;
}

const FIELDS = fieldNames<DrainOptions>({ queues: true, withScheduled: true, maxRuns: true });

/** How many runs a drain has by default: far more than a test means to have, and over within seconds. */
export const MAX_RUNS = 1_000;

/** Throws `InvalidOptionError` for an unknown option, and for a value out of its range. */
export function checkDrainOptions(options: DrainOptions): void {
  checkFields("options", options, FIELDS);
  integerIn("maxRuns", options.maxRuns ?? MAX_RUNS, [1, 1_000_000]);
  const { queues, withScheduled }: { queues?: unknown; withScheduled?: unknown } = options;
  if (queues !== undefined && !Array.isArray(queues)) {
    throw new InvalidOptionError("queues", "an array of names of queues", queues);
  }
  if (withScheduled !== undefined && typeof withScheduled !== "boolean") {
    throw new InvalidOptionError("withScheduled", "true or false", withScheduled);
  }
}

/** Runs jobs in the order in which they come due, and counts what became of them. */
export class Drain {
  readonly tally = new DrainTally();
  readonly #parts: TestQueueParts;
  readonly #maxRuns: number;
  readonly #queues: ReadonlySet<string> | undefined;

  constructor(parts: TestQueueParts, { queues, maxRuns = MAX_RUNS }: DrainOptions) {
    this.#parts = parts;
    this.#maxRuns = maxRuns;
    this.#queues = queues === undefined ? undefined : new Set(queues);
  }

  /** Runs jobs until none is due. Throws `DrainLimitError`. */
  async runDue(): Promise<void> {
    const queue = createQueue(this.#parts.pool);
    for (;;) {
      // A test may have moved the clock past the end of a lease.
      await queue.runs.recover();
      const due = (await this.#waiting()).filter(({ isDue, type }) => isDue && this.#parts.byName.has(type));
      if (due.length === 0) return;
      this.#refuseMore();
      const before = this.tally.started;
      await this.#runWorker([...new Set(due.map((each) => each.queue))]);
      // What is due cannot be claimed, for instance because its time to start is over. Another look changes nothing.
      if (this.tally.started === before) return;
    }
  }

  /** When the next job of one of the tasks comes due, as text; null if none does. */
  async nextDueAt(): Promise<string | null> {
    const next = (await this.#waiting()).find(({ isDue, type }) => !isDue && this.#parts.byName.has(type));
    return next?.dueAt ?? null;
  }

  /** What became of the runs. */
  async result(): Promise<DrainResult> {
    const left = (await this.#waiting()).filter(({ isDue, type }) => isDue && !this.#parts.byName.has(type));
    return this.tally.result([...new Set(left.map(({ type }) => type))].sort());
  }

  async #waiting(): Promise<DueWork[]> {
    const work = await readDueWork(this.#parts.pool);
    return work.filter(({ queue }) => this.#queues === undefined || this.#queues.has(queue));
  }

  #refuseMore(): void {
    if (this.tally.started >= this.#maxRuns) throw new DrainLimitError(this.#maxRuns, this.tally.runs);
  }

  async #runWorker(queues: readonly string[]): Promise<void> {
    const { pool, tasks, worker } = this.#parts;
    const running = createWorker({
      concurrency: 1,
      ...worker,
      db: pool,
      tasks,
      queues,
      // A drain is over soon, and needs neither notices, nor a thread, nor retention.
      listen: false,
      renewal: "loop",
      prune: false,
      middleware: [this.#keepThrown, ...(worker.middleware ?? [])],
      onEvent: (event) => {
        this.tally.count(event);
        // From here on, the worker begins no further job, and lets this job end.
        if (event.kind === "job-started" && this.tally.started >= this.#maxRuns) void running.stop();
      },
    });
    await running.runUntilEmpty();
    if (this.tally.problem !== undefined) throw this.tally.problem.error;
  }

  readonly #keepThrown: Middleware = async ({ job }, next) => {
    this.tally.thrown.delete(job.id);
    try {
      return await next();
    } catch (error) {
      this.tally.thrown.set(job.id, error);
      throw error;
    }
  };
}

/** Runs the due jobs of a test queue; with `withScheduled`, the jobs that come due later, too. */
export async function drain(parts: TestQueueParts, options: DrainOptions): Promise<DrainResult> {
  checkDrainOptions(options);
  const draining = new Drain(parts, options);
  await draining.runDue();
  if (options.withScheduled === true) {
    for (let next = await draining.nextDueAt(); next !== null; next = await draining.nextDueAt()) {
      await parts.clock.moveTo(next);
      await draining.runDue();
    }
  }
  return draining.result();
}
