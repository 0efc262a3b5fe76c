import { checkFields, fieldNames, isPoolOfOne } from "@millrace/base";
import { type AnyTask, InvalidOptionError, isTask, type WorkerOptions } from "@millrace/queue";
import { isSchedule, type ScheduleDeclaration } from "@millrace/scheduler";
import type pg from "pg";
import { type TestClock, testClock } from "../clock/test-clock.ts";

/** How the workers of a test queue run jobs. */
export type TestWorkerOptions = Pick<
  WorkerOptions,
  "concurrency" | "defaults" | "leaseSeconds" | "logger" | "maxCrashes" | "middleware"
>;

/** The options of `createTestQueue`. */
export interface TestQueueOptions {
  /** A pool of two or more connections on a migrated database, for instance of `useTestDatabase`. */
  pool: pg.Pool;
  /** The tasks whose jobs `drain` runs: as a rule, all tasks of the application. */
  tasks: readonly AnyTask[];
  /** The schedules that `tick` and `runUntil` reconcile before they fire. Default: those in the database alone. */
  schedules?: readonly ScheduleDeclaration[];
  /** How jobs run. Default: one after the other, with the defaults of a worker. */
  worker?: TestWorkerOptions;
}

/** Checked options, with what all methods of a test queue share. */
export interface TestQueueParts extends Required<TestQueueOptions> {
  byName: ReadonlyMap<string, AnyTask>;
  clock: ReturnType<typeof testClock> & TestClock;
}

const FIELDS = fieldNames<TestQueueOptions>({ pool: true, tasks: true, schedules: true, worker: true });
const WORKER_FIELDS = fieldNames<TestWorkerOptions>({
  concurrency: true,
  defaults: true,
  leaseSeconds: true,
  logger: true,
  maxCrashes: true,
  middleware: true,
});

/** Checks the options of a test queue, and fills in the defaults. Throws `InvalidOptionError`. */
export function checkTestQueueOptions(options: TestQueueOptions): TestQueueParts {
  checkFields("options", options, FIELDS);
  const { pool, tasks, schedules = [], worker = {} } = options;
  if (typeof pool?.connect !== "function" || typeof pool.query !== "function") {
    throw new InvalidOptionError("pool", "a pg pool", pool);
  }
  if (isPoolOfOne(pool)) throw new InvalidOptionError("pool", "a pg pool of two or more connections", "one");
  checkAll("tasks", tasks, [isTask, "a task that defineTask made"]);
  checkAll("schedules", schedules, [isSchedule, "a schedule that defineSchedule made"]);
  checkFields("worker", worker, WORKER_FIELDS);
  return {
    pool,
    tasks,
    schedules,
    worker,
    byName: new Map(tasks.map((task) => [task.name, task])),
    clock: testClock(pool),
  };
}

function checkAll(
  option: string,
  values: unknown,
  [fits, expected]: readonly [(value: unknown) => boolean, string],
): void {
  if (!Array.isArray(values)) throw new InvalidOptionError(option, "an array", values);
  for (const [at, value] of values.entries()) {
    if (!fits(value)) throw new InvalidOptionError(`${option}[${at}]`, expected, value);
  }
}
