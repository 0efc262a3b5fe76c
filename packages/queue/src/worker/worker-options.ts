import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ListenPool } from "@millrace/base";
import {
  type Clock,
  checkFields,
  checkQueryable,
  fieldNames,
  InvalidOptionError,
  integerIn,
  type Queryable,
  systemClock,
} from "@millrace/base";
import type { QueueChoice } from "../claim/queue-weights.ts";
import { DEFAULT_QUEUE } from "../enqueue/new-job.ts";
import { checkTelemetry } from "../job/check-telemetry.ts";
import { checkWorkerId } from "../job/check-worker-id.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { Telemetry } from "../job/telemetry.ts";
import { DEFAULT_MAX_CRASHES } from "../lease/recover.ts";
import type { ConnectionConfig } from "../lease/renewal-message.ts";
import { type AnyTask, isTask } from "../task/define-task.ts";
import type { Middleware } from "../task/middleware.ts";
import type { TaskLogger } from "../task/task-context.ts";
import { consoleErrors } from "./console-errors.ts";
import { containObserver } from "./contain-observer.ts";
import { checkPruneOption, type PruneSettings, type WorkerPruneOptions } from "./prune-options.ts";
import { checkConcurrency, checkQueues } from "./worker-change.ts";
import { listenPool, threadConnection } from "./worker-connections.ts";
import { checkDefaults, type WorkerDefaults } from "./worker-defaults.ts";
import type { WorkerEvent } from "./worker-event.ts";
import type { WorkerObserver } from "./worker-observer.ts";

/** The options of `createWorker`. Only `db` and `tasks` are required. See `createWorker` for an example. */
export interface WorkerOptions {
  /**
   * A pg pool, or a Drizzle database on one. The worker's own statements use the pool itself. If a connection gives no
   * answer within 30 s, or within a shorter lease, the worker replaces the connection and reports an `error` event.
   * Give the pool a `connectionTimeoutMillis`: only the pool can give up a new connection that stays silent.
   */
  db: Queryable;
  /** At least one task. Jobs of other types stay queued, for a worker that has their task. */
  tasks: readonly AnyTask[];
  /**
   * Queues to claim from. All due jobs of the first name are claimed first, then those of the next name. Neighbours
   * given as `{ name, weight }` share claims in proportion to their weights, over time. What one of them leaves, the
   * others get. Default `["default"]`.
   */
  queues?: readonly QueueChoice[];
  /** How many jobs run at a time, 1 to 1,000. Default 4. */
  concurrency?: number;
  /** How often an idle worker polls for due jobs, in ms, 100 to 60,000. Default 1,000. */
  pollMs?: number;
  /**
   * Whether to listen for notices of enqueues, over one connection of the pool that the worker keeps. Default: true if
   * `db` is a pg pool of more than one connection, or a Drizzle database on such a pool. True is refused for any other
   * `db`. Behind a pooler in transaction mode, set this to false: polling alone is correct.
   */
  listen?: boolean;
  /** How long a lease holds without renewal, in s, 5 to 3,600. Default 30. */
  leaseSeconds?: number;
  /**
   * Who renews leases.
   *
   * - `thread`: a thread with its own connection, which it makes when the first run lasts a third of its lease. A
   *   handler that blocks the event loop keeps its lease.
   * - `loop`: the event loop, over `db`. If a handler blocks the loop for longer than its lease, another worker gets
   *   the job, and the handler's completion is refused.
   *
   * Default: `thread` if `db` is a pg pool, or a Drizzle database on one, and its options can be handed to a thread;
   * else `loop`.
   */
  renewal?: "thread" | "loop";
  /**
   * How long the thread goes on renewing while the event loop is blocked, in ms, 1,000 to 86,400,000. Default 300,000.
   * A loop that is blocked for longer counts as dead, and its jobs go to other workers.
   */
  maxBlockedMs?: number;
  /**
   * A job that crashed more often than this fails, 0 to 1,000. Default 5. After two crashes, a job runs alone in its
   * worker, so that no crash of another job is charged to it. With less than 2, a job may fail because of another job.
   */
  maxCrashes?: number;
  /** How long `stop` lets running handlers finish, in ms, 0 to 3,600,000. Default 30,000. */
  shutdownGraceMs?: number;
  /**
   * Names the worker, in 1 to 100 characters. Default: host name, process id and a random part. A worker may start
   * again under the id of a killed worker. If two living workers have one id, both report an `error` event with
   * `WorkerIdTakenError`.
   */
  workerId?: string;
  /** What `context.logger` of handlers writes to, for instance a pino logger. Default: nowhere. */
  logger?: TaskLogger;
  /**
   * Tells of the runs, and of what handlers enqueue by `context.enqueue`: `openTelemetry()` of
   * `@millrace/queue/opentelemetry`. Middlewares and handlers run inside the run's span. Default: nobody is told.
   */
  telemetry?: Telemetry;
  /** What runs around each handler, for instance for locks. The first is the outermost. Default: nothing. */
  middleware?: readonly Middleware[];
  /**
   * The backoff, time-out and attempts where neither the job, nor its task, nor its queue says otherwise. In `tasks`,
   * limits of single tasks, which come before what the tasks' definitions say.
   */
  defaults?: WorkerDefaults;
  /**
   * How the worker deletes ended jobs; false: not at all. One of all workers of the database prunes at a time. Default:
   * completed jobs 7 days after their end, failed and canceled ones after 30 days. The default leaves these ages to the
   * schedule `millrace.jobs-prune` of the worker program, if the database has it. In the same turn, the worker deletes
   * rows of the history after 8 days, and rows of the audit log after 90 days.
   */
  prune?: false | WorkerPruneOptions;
  /**
   * Called after a run of this worker has failed its job for good. `error` is what the handler threw, or why its
   * outcome could not be stored. The worker does not wait for the hook, and reports what it throws as an `error` event.
   * Jobs that crashed too often fail without a run: the event `recovered` names them, and their dead letters tell of
   * them.
   */
  onJobFailed?(job: ClaimedJob, error: unknown): unknown;
  /** Is told what the worker does, for metrics: `createMetrics` of `@millrace/metrics` has one. Default: nobody. */
  observer?: WorkerObserver;
  /** Time and randomness, for tests. Default: `systemClock`. */
  clock?: Clock;
  /**
   * Called with every event. An error that it throws is not caught. Default: errors are written to the console, one
   * line each, and lines with the same reason once a minute.
   */
  onEvent?(event: WorkerEvent): void;
}

/** Checked options, with every default filled in. */
export interface WorkerSettings
  extends Required<
    Omit<WorkerOptions, "tasks" | "listen" | "renewal" | "prune" | "onJobFailed" | "telemetry">
  > {
  tasks: ReadonlyMap<string, AnyTask>;
  /** Null if the worker does not prune. */
  prune: PruneSettings | null;
  /** Null: nobody is told of runs. */
  telemetry: Telemetry | null;
  /** Null if there is no hook. */
  onJobFailed: ((job: ClaimedJob, error: unknown) => unknown) | null;
  /** Called when recovery got an answer from the database. */
  onAnswer(): void;
  /** The pool to listen on, or null for polling alone. */
  listenOn: ListenPool | null;
  /** How the thread that renews leases connects, or null if the event loop renews them. */
  renewalConnection: ConnectionConfig | null;
}

const SILENT: TaskLogger = { debug() {}, info() {}, warn() {}, error() {} };

const FIELDS = fieldNames<WorkerOptions>({
  db: true,
  tasks: true,
  queues: true,
  concurrency: true,
  pollMs: true,
  listen: true,
  leaseSeconds: true,
  renewal: true,
  maxBlockedMs: true,
  maxCrashes: true,
  shutdownGraceMs: true,
  workerId: true,
  logger: true,
  telemetry: true,
  middleware: true,
  defaults: true,
  prune: true,
  onJobFailed: true,
  observer: true,
  clock: true,
  onEvent: true,
});

/** Checks options and fills in the defaults. Throws `InvalidOptionError`. */
export function checkWorkerOptions(options: WorkerOptions): WorkerSettings {
  checkKinds(options);
  const queues = options.queues ?? [DEFAULT_QUEUE];
  const clock = options.clock ?? systemClock;
  const { onEvent } = options;
  const listeners = onEvent === undefined ? consoleErrors(clock) : { onEvent, onAnswer: () => {} };
  return {
    db: options.db,
    tasks: tasksByName(options.tasks),
    queues: checkQueues(queues),
    concurrency: checkConcurrency(options.concurrency ?? 4),
    pollMs: integerIn("pollMs", options.pollMs ?? 1_000, [100, 60_000]),
    listenOn: listenPool(options),
    renewalConnection: threadConnection(options),
    maxBlockedMs: integerIn("maxBlockedMs", options.maxBlockedMs ?? 300_000, [1_000, 86_400_000]),
    leaseSeconds: integerIn("leaseSeconds", options.leaseSeconds ?? 30, [5, 3_600]),
    maxCrashes: integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]),
    shutdownGraceMs: integerIn("shutdownGraceMs", options.shutdownGraceMs ?? 30_000, [0, 3_600_000]),
    workerId: checkWorkerId(options.workerId ?? defaultWorkerId()),
    logger: options.logger ?? SILENT,
    telemetry: options.telemetry ?? null,
    middleware: options.middleware ?? [],
    defaults: checkDefaults(
      options.defaults ?? {},
      options.tasks.map((task) => task.name),
    ),
    prune: checkPruneOption(options.prune),
    onJobFailed: options.onJobFailed?.bind(options) ?? null,
    // Not to the observer, which would throw again.
    observer: containObserver(options.observer ?? {}, (error) =>
      listeners.onEvent({ kind: "error", during: "observe", error }),
    ),
    clock,
    ...listeners,
  };
}

/** Refuses a value of the wrong kind for its option. */
function checkKinds(options: WorkerOptions): void {
  checkFields("options", options, FIELDS);
  checkQueryable("db", options.db);
  const { tasks, listen, logger, observer, clock }: Partial<Record<keyof WorkerOptions, unknown>> = options;
  if (!Array.isArray(tasks)) throw new InvalidOptionError("tasks", "an array of tasks", tasks);
  for (const [at, task] of tasks.entries()) {
    if (!isTask(task)) throw new InvalidOptionError(`tasks[${at}]`, "a task that defineTask made", task);
  }
  if (listen !== undefined && typeof listen !== "boolean") {
    throw new InvalidOptionError("listen", "true or false", listen);
  }
  if (options.telemetry !== undefined) checkTelemetry(options.telemetry);
  if (logger !== undefined) checkMethods("logger", logger, ["debug", "info", "warn", "error"]);
  if (observer !== undefined && (typeof observer !== "object" || observer === null)) {
    throw new InvalidOptionError("observer", "an object with functions of an observer", observer);
  }
  if (clock !== undefined) checkMethods("clock", clock, ["now", "after", "random"]);
  const { middleware }: { middleware?: unknown } = options;
  if (middleware !== undefined && !(Array.isArray(middleware) && middleware.every(isFunction))) {
    throw new InvalidOptionError("middleware", "an array of functions", middleware);
  }
  for (const name of ["onEvent", "onJobFailed"] as const) {
    if (options[name] !== undefined && !isFunction(options[name])) {
      throw new InvalidOptionError(name, "a function", options[name]);
    }
  }
}

const isFunction = (value: unknown) => typeof value === "function";

function checkMethods(option: string, value: unknown, names: readonly string[]): void {
  const has = (name: string) =>
    // The cast is safe: a method of any object can be looked up by name.
    typeof (value as Record<string, unknown>)[name] === "function";
  if (typeof value === "object" && value !== null && names.every(has)) return;
  throw new InvalidOptionError(option, `an object with the methods ${names.join(", ")}`, value);
}

function defaultWorkerId(): string {
  return `${hostname().slice(0, 60)}:${process.pid}:${randomUUID().slice(0, 8)}`;
}

function tasksByName(tasks: readonly AnyTask[]): ReadonlyMap<string, AnyTask> {
  if (tasks.length === 0) throw new InvalidOptionError("tasks", "at least one task", tasks);
  const byName = new Map<string, AnyTask>();
  for (const task of tasks) {
    if (byName.has(task.name)) {
      const message = `\`tasks\` has two tasks named "${task.name}". Rename or remove one of them.`;
      throw new InvalidOptionError("tasks", { message });
    }
    byName.set(task.name, task);
  }
  return byName;
}
