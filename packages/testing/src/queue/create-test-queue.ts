import { checkFields, checkQueryable, fieldNames, integerIn } from "@millrace/base";
import {
  createQueue,
  type EnqueueableTask,
  type JsonValue,
  type Queryable,
  type Queue,
} from "@millrace/queue";
import type { TickResult } from "@millrace/scheduler";
import { DELAY_MS_MAX } from "@millrace/schema/values";
import type { TestClock } from "../clock/test-clock.ts";
import { type RunUntilOptions, type RunUntilResult, runUntil } from "../schedule/run-until.ts";
import { declareSchedules, tick } from "../schedule/tick.ts";
import { type DrainOptions, drain } from "./drain.ts";
import type { DrainResult } from "./drain-result.ts";
import { expectEnqueued } from "./expect-enqueued.ts";
import { findEnqueued, type JobTarget } from "./find-enqueued.ts";
import type { EnqueuedJob, JobCondition } from "./job-where.ts";
import { checkTestQueueOptions, type TestQueueOptions } from "./test-queue-options.ts";

/** Where to look for jobs. */
export interface LookOptions {
  /** A transaction: then its own uncommitted jobs are found, too. Default: what is committed. */
  tx?: Queryable;
}

/** What `expectEnqueued` takes besides the fields of a job. */
export interface ExpectOptions extends LookOptions {
  /** How many jobs must fit, from 0. Default: at least one. */
  count?: number;
}

/**
 * The reads and assertions on the jobs of a task. If a caller names the type instead of the task, the payloads are any
 * JSON.
 */
export interface EnqueuedJobs {
  /**
   * Returns the jobs of a task in any state that fit, the oldest first. Throws `InvalidOptionError` for an unknown
   * field.
   *
   * @example
   * const [job] = await jobs.enqueued(sendReceipt, { payload: { orderId: 7 }, state: "queued" });
   */
  enqueued(
    type: string,
    where?: JobCondition<JsonValue>,
    options?: LookOptions,
  ): Promise<EnqueuedJob<JsonValue>[]>;
  enqueued<Input>(
    task: EnqueueableTask<Input>,
    where?: JobCondition<NoInfer<Input>>,
    options?: LookOptions,
  ): Promise<EnqueuedJob<Input>[]>;
  /**
   * Returns the jobs of a task in any state that fit, the oldest first, at least one. Throws `AssertionError` if no job
   * fits, or not `count` jobs; its message has the jobs of the type with the fields in which they differ, and which
   * other types have jobs.
   *
   * @example
   * await jobs.expectEnqueued(sendReceipt, { payload: { orderId: 7 } }, { tx });
   */
  expectEnqueued(
    type: string,
    where?: JobCondition<JsonValue>,
    options?: ExpectOptions,
  ): Promise<EnqueuedJob<JsonValue>[]>;
  expectEnqueued<Input>(
    task: EnqueueableTask<Input>,
    where?: JobCondition<NoInfer<Input>>,
    options?: ExpectOptions,
  ): Promise<EnqueuedJob<Input>[]>;
  /** Throws `AssertionError` if a job of a task fits. Give few fields: with a wrong value in any field, no job fits. */
  expectNotEnqueued(type: string, where?: JobCondition<JsonValue>, options?: LookOptions): Promise<void>;
  expectNotEnqueued<Input>(
    task: EnqueueableTask<Input>,
    where?: JobCondition<NoInfer<Input>>,
    options?: LookOptions,
  ): Promise<void>;
}

/** Millrace in a test: a queue whose jobs run when the test says, on a clock that the test moves. */
export interface TestQueue extends EnqueuedJobs, TestClock {
  /** The queue, to enqueue and to read jobs. */
  readonly queue: Queue;
  /**
   * Runs all jobs that are due, and those that become due meanwhile, by a real worker, in this process. Returns what
   * became of the runs: a handler that throws does not make `drain` throw. Takes back runs whose lease has run out.
   * Jobs of paused queues, and of types without a task, stay.
   *
   * Throws `DrainLimitError` (`DRAIN_LIMIT`) after `maxRuns` runs, `TestClockError` if `withScheduled` finds no test
   * clock, `InvalidOptionError` (`INVALID_OPTION`), and the error of a worker that cannot work.
   *
   * @example
   * const { completed, failures } = await jobs.drain();
   */
  drain(options?: DrainOptions): Promise<DrainResult>;
  /**
   * Fires the schedules that are due now, as a scheduler does, after it declared `schedules`. Each tick makes one job,
   * which `drain` runs. After `advance`, a schedule is late, and its misfire policy decides.
   *
   * @example
   * await jobs.travelTo(new Date("2026-03-29T00:30:00Z"));
   * const { ticks } = await jobs.tick();
   */
  tick(): Promise<TickResult>;
  /**
   * Moves the clock to an instant as time passes: stops at each tick and each due date, where schedules fire and jobs
   * run. Throws as `drain` and `travelTo` do.
   *
   * @example
   * const { ticks, completed } = await jobs.runUntil(new Date("2026-04-01T00:00:00Z"));
   */
  runUntil(until: Date, options?: RunUntilOptions): Promise<RunUntilResult>;
  /** Does the same as `runUntil` for a span of time, in ms from now. */
  runFor(ms: number, options?: RunUntilOptions): Promise<RunUntilResult>;
}

const LOOK_FIELDS = fieldNames<LookOptions>({ tx: true });
const EXPECT_FIELDS = fieldNames<ExpectOptions>({ tx: true, count: true });

/**
 * Creates a test queue on a migrated database. It holds no connection and runs nothing by itself, so it need not be
 * closed. Several test queues may share a database. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const jobs = createTestQueue({ pool: database.pool(), tasks: [sendReceipt] });
 * await placeOrder(jobs.queue);
 * await jobs.expectEnqueued(sendReceipt, { payload: { orderId: 7 } });
 * expect(await jobs.drain()).toMatchObject({ completed: 1, failures: [] });
 */
export function createTestQueue(options: TestQueueOptions): TestQueue {
  const parts = checkTestQueueOptions(options);
  const { pool, clock } = parts;
  return {
    queue: createQueue(pool),
    ...enqueuedJobs(pool),
    now: clock.now,
    advance: clock.advance,
    travelTo: clock.travelTo,
    drain: (drainOptions = {}) => drain(parts, drainOptions),
    async tick() {
      await declareSchedules(parts);
      return tick(parts);
    },
    runUntil: (until, runOptions = {}) => runUntil(parts, until, runOptions),
    async runFor(ms, runOptions = {}) {
      integerIn("ms", ms, [0, DELAY_MS_MAX]);
      return runUntil(parts, new Date((await clock.now()).getTime() + ms), runOptions);
    },
  };
}

function enqueuedJobs(pool: Queryable): EnqueuedJobs {
  const lookedAt = (options: LookOptions, known: readonly string[]): Queryable => {
    checkFields("options", options, known);
    if (options.tx !== undefined) checkQueryable("tx", options.tx);
    return options.tx ?? pool;
  };
  return {
    enqueued: async <Payload>(
      target: JobTarget<Payload>,
      where: JobCondition<Payload> = {},
      options: LookOptions = {},
    ) => findEnqueued(lookedAt(options, LOOK_FIELDS), target, where),
    async expectEnqueued<Payload>(
      target: JobTarget<Payload>,
      where: JobCondition<Payload> = {},
      options: ExpectOptions = {},
    ) {
      const db = lookedAt(options, EXPECT_FIELDS);
      const { count } = options;
      if (count !== undefined) integerIn("count", count, [0, Number.MAX_SAFE_INTEGER]);
      return expectEnqueued(db, { target, where, count });
    },
    async expectNotEnqueued<Payload>(
      target: JobTarget<Payload>,
      where: JobCondition<Payload> = {},
      options: LookOptions = {},
    ) {
      await expectEnqueued(lookedAt(options, LOOK_FIELDS), { target, where, count: 0 });
    },
  };
}
