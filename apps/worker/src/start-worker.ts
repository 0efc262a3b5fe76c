import { setTimeout as pause } from "node:timers/promises";
import {
  type AnyTask,
  createQueue,
  createWorker,
  type EmptyCounts,
  type TaskLogger,
  type Telemetry,
  type Worker,
} from "@millrace/queue";
import {
  createScheduler,
  createSchedules,
  reconcileSchedules,
  type ScheduleDeclaration,
  type Scheduler,
} from "@millrace/scheduler";
import { migrate, readSchemaVersion } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import type { AppEvent } from "./app-event.ts";
import type { Config } from "./config/config.ts";
import { databaseAddress } from "./config/database-address.ts";
import { createPool } from "./create-pool.ts";
import { DatabaseConnectionError } from "./database-connection-error.ts";
import { defaultSchedules } from "./default-schedules.ts";
import { checkDefaultNames, scheduleTimeouts, taskLimits, withAttempts } from "./job-defaults.ts";
import { type LoadedTasks, loadTasks } from "./load-tasks.ts";
import { type Monitoring, startMonitoring } from "./monitoring.ts";
import { NotMigratedError } from "./not-migrated-error.ts";
import { builtinTasks } from "./tasks/builtin-tasks.ts";
import { untilDatabaseAnswers } from "./until-database-answers.ts";

/** The configuration, tasks and listeners of a worker. */
export interface StartWorkerOptions {
  config: Config;
  /** Tasks besides the built-in tasks and the tasks of `config.tasksDir`. */
  tasks?: readonly AnyTask[];
  /** The logger of the handlers. Default: handlers log nowhere. */
  logger?: TaskLogger;
  /** Tells of runs, of ticks and of what handlers enqueue. Default: nobody is told. */
  telemetry?: Telemetry;
  onEvent(event: AppEvent): void;
  /** Ends the wait for a module that loads slowly, or for a database that is away. */
  signal: AbortSignal;
}

/** A started worker with its scheduler. */
export interface RunningWorker {
  /**
   * With `config.once`: resolves when no due job is left and the worker has stopped, and rejects with an error of the
   * database. Undefined for a worker that runs until it is stopped.
   */
  readonly empty: Promise<EmptyCounts> | undefined;
  /** Stops the scheduler and claiming, lets running jobs finish for the grace period, then closes all connections. */
  stop(): Promise<void>;
}

/** Connections for claims, leases, settlements and the scheduler. Worker and scheduler each keep one to listen. */
const WORKER_CONNECTIONS = 11;

/** Connections for the built-in tasks. A further job of these tasks waits for a connection. */
const TASK_CONNECTIONS = 10;

/** How long to wait for connections to close, in ms, because the query of an abandoned handler may never end. */
const END_PATIENCE_MS = 5_000;

/**
 * Starts a worker and its scheduler as configured. Waits for modules that load slowly, and for a database that is away
 * unless `config.once` is set. Resolves with null when `signal` ends the wait.
 *
 * Throws
 * - `LoadTasksError` for tasks that cannot be used, and for settings about tasks or schedules that do not exist,
 * - `InvalidScheduleError` for a declared schedule whose payload does not fit its task,
 * - an error with the code `CANNOT_LISTEN`, if the port of health and metrics is taken,
 * - `DatabaseConnectionError`, `MigrationError`, `NotMigratedError`, or the driver's error when the database refuses.
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker | null> {
  const { onEvent, signal } = options;
  const pool = openPool(options, { applicationName: "millrace-worker", connectionsMax: WORKER_CONNECTIONS });
  const taskPool = openPool(options, { applicationName: "millrace-tasks", connectionsMax: TASK_CONNECTIONS });
  let monitoring: Monitoring | null = null;
  const end = async () => {
    await monitoring?.close();
    await endWithin([pool, taskPool], END_PATIENCE_MS);
  };
  try {
    monitoring = await startMonitoring(options, { worker: pool, tasks: taskPool });
    const { tasks, schedules } = await gatherTasks(
      [...builtinTasks(taskPool, options.config), ...(options.tasks ?? [])],
      options,
    );
    const prepare = () => prepareDatabase(pool, options, schedules);
    if (options.config.once) await prepare();
    else {
      const onAway = (error: unknown, retryInMs: number) =>
        onEvent({ kind: "database-away", error, retryInMs });
      if (!(await untilDatabaseAnswers(prepare, { signal, onAway }))) {
        await end();
        return null;
      }
    }
    const { stop, empty } = startServices(pool, tasks, { ...options, monitoring });
    return {
      empty,
      async stop() {
        await stop();
        await end();
      },
    };
  } catch (error) {
    await end();
    // `signal` was aborted while a module was loading.
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

/** Collects the built-in tasks and the tasks of the folder. Reports the tasks and their sources as an event. */
async function gatherTasks(
  builtin: readonly AnyTask[],
  { config, onEvent, signal }: StartWorkerOptions,
): Promise<{ tasks: AnyTask[]; schedules: ScheduleDeclaration[] }> {
  const { tasksDir } = config;
  const onSlow = (file: string, waitedMs: number) => onEvent({ kind: "task-module-slow", file, waitedMs });
  const own =
    tasksDir === undefined ? NOTHING_LOADED : await loadTasks(tasksDir, builtin, { onSlow, signal });
  const all = [...builtin.map((task) => ({ task, source: "built-in" })), ...own.tasks];
  const tasks = all.map(({ task, source }) => ({ name: task.name, from: source }));
  checkDefaultNames(config, {
    tasks: tasks.map(({ name }) => name),
    schedules: own.schedules.map(({ fields }) => fields.name),
  });
  onEvent({ kind: "tasks-loaded", tasks, tasksDir });
  return { tasks: all.map(({ task }) => task), schedules: own.schedules };
}

const NOTHING_LOADED: LoadedTasks = { tasks: [], schedules: [] };

function startServices(
  pool: Pool,
  tasks: readonly AnyTask[],
  {
    config,
    logger,
    telemetry,
    onEvent,
    signal,
    monitoring,
  }: StartWorkerOptions & { monitoring: Monitoring | null },
): RunningWorker {
  const observed = monitoring === null ? {} : { observer: monitoring.observer };
  const telling = telemetry === undefined ? {} : { telemetry };
  const worker = createWorker({
    db: pool,
    tasks,
    queues: config.queues,
    concurrency: config.concurrency,
    pollMs: config.pollMs,
    leaseSeconds: config.leaseSeconds,
    maxCrashes: config.maxCrashes,
    listen: config.listen,
    renewal: config.renewal,
    maxBlockedMs: config.maxBlockedMs,
    shutdownGraceMs: config.shutdownGraceMs,
    defaults: {
      maxAttempts: config.maxAttempts,
      tasks: taskLimits(config),
      ...(config.timeoutMs === undefined ? {} : { timeoutMs: config.timeoutMs }),
    },
    ...(config.prune ? {} : { prune: false }),
    ...(logger === undefined ? {} : { logger }),
    ...observed,
    ...telling,
    onEvent,
  });
  const scheduler = createScheduler({
    pool,
    queue: createQueue(pool, observed),
    ...telling,
    ...(config.listen ? { listenOn: pool } : {}),
    tickMs: config.scheduleTickMs,
    jobTimeoutMs: scheduleTimeouts(config),
    onEvent(event) {
      monitoring?.onSchedulerEvent(event);
      onEvent({ kind: "scheduler", event });
    },
  });
  let empty: Promise<EmptyCounts> | undefined;
  if (config.once) empty = runOnce(worker, { scheduler: config.schedules ? scheduler : null, signal });
  else {
    worker.start();
    if (config.schedules) scheduler.start();
  }
  return {
    empty,
    async stop() {
      // Both stop at the same time: a scheduler that waits for a silent connection must not delay the worker's stop.
      await Promise.all([scheduler.stop(), worker.stop()]);
    },
  };
}

/** Fires the schedules that are due, and runs every due job. */
async function runOnce(
  worker: Worker,
  { scheduler, signal }: { scheduler: Scheduler | null; signal: AbortSignal },
): Promise<EmptyCounts> {
  await scheduler?.tickOnce();
  // A signal to stop came meanwhile.
  if (signal.aborted) return { completed: 0, failed: 0, retried: 0, canceled: 0 };
  return worker.runUntilEmpty();
}

async function prepareDatabase(
  pool: Pool,
  { config, onEvent }: StartWorkerOptions,
  declarations: readonly ScheduleDeclaration[],
): Promise<void> {
  await connectOnce(pool, config.databaseUrl);
  const { applied } = config.migrate ? await migrate(pool) : { applied: 0 };
  const version = await readSchemaVersion(pool);
  if (!version.serves) throw new NotMigratedError(version);
  onEvent({
    kind: "database-ready",
    database: databaseAddress(config.databaseUrl),
    migrationsApplied: applied,
  });
  if (version.relation === "newer") onEvent({ kind: "schema-newer", version });
  if (config.schedules) await prepareSchedules(pool, { config, onEvent }, declarations);
}

/** Connects once, so that a failed connection has its own error, apart from a statement that is refused later. */
async function connectOnce(pool: Pool, databaseUrl: string): Promise<void> {
  try {
    const client = await pool.connect();
    client.release();
  } catch (error) {
    throw new DatabaseConnectionError(databaseUrl, error);
  }
}

async function prepareSchedules(
  pool: Pool,
  { config, onEvent }: Pick<StartWorkerOptions, "config" | "onEvent">,
  declarations: readonly ScheduleDeclaration[],
): Promise<void> {
  // Runs without declarations too: the report must name a schedule whose last declaration was removed from the code.
  const report = await reconcileSchedules(
    pool,
    declarations.map((declaration) => withAttempts(declaration, config)),
  );
  if (declarations.length > 0 || report.drift.length > 0) onEvent({ kind: "schedules-reconciled", report });
  const schedules = createSchedules(pool);
  if (!config.prune) return;
  for (const schedule of defaultSchedules(config.queues)) await schedules.ensure(schedule);
}

function openPool(
  { config, onEvent }: StartWorkerOptions,
  options: { applicationName: string; connectionsMax: number },
): Pool {
  const onError = (error: Error) => onEvent({ kind: "connection-lost", error });
  return createPool({ ...options, databaseUrl: config.databaseUrl, onError });
}

async function endWithin(pools: readonly Pool[], patienceMs: number): Promise<void> {
  const timer = new AbortController();
  const patience = pause(patienceMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([Promise.all(pools.map((pool) => pool.end())), patience]);
  timer.abort();
}
