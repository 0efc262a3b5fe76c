import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createQueue, DEFAULT_MAX_CRASHES } from "../create-queue.ts";
import type { AnyTask } from "../define-task.ts";
import type { ClaimedJob } from "../domain/job.ts";
import { DEFAULT_QUEUE } from "../domain/new-job.ts";
import { InvalidOptionError, WorkerStoppingError } from "../errors.ts";
import { integerIn } from "../integer-in.ts";
import type { Queryable } from "../store/queryable.ts";
import { type Beat, startBeat } from "./beat.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type RunningJob, startLeaseGuard, startLeaseRenewal } from "./lease-renewal.ts";
import { ABANDON_AFTER_MS, runJob } from "./run-job.ts";
import { createSettler, type Settler } from "./settler.ts";
import { settledEvent, type WorkerEvent } from "./worker-event.ts";

/** What a worker is made of; only `db` and `tasks` are needed. */
export interface WorkerOptions {
  /** A pg pool, or a Drizzle database on one. */
  db: Queryable;
  tasks: readonly AnyTask[];
  /** Queues to claim from, the first one first. Default `["default"]`. */
  queues?: readonly string[];
  /** How many jobs run at a time, 1 to 1,000. Default 4. */
  concurrency?: number;
  /** How often to look for due jobs when idle, in ms, 100 to 60,000. Default 1,000. */
  pollMs?: number;
  /** How long a claim holds without renewal, in s, 5 to 3,600. Default 30. */
  leaseSeconds?: number;
  /** A job that crashed more often than this fails, 0 to 1,000. Default 5. */
  maxCrashes?: number;
  /** How long `stop` lets running handlers finish, in ms. Default 30,000. */
  shutdownGraceMs?: number;
  /** Up to 100 characters. Default: host name, process id and a random part. */
  workerId?: string;
  clock?: Clock;
  /** Told of everything that happens. An error it throws is the caller's, and is not caught. */
  onEvent?(event: WorkerEvent): void;
}

/** One claim-and-run loop. Runs every job at least once; see `defineTask`. */
export interface Worker {
  readonly workerId: string;
  /** Starts claiming. A worker starts once. */
  start(): void;
  /**
   * Stops claiming, gives back what was not begun, lets running handlers finish for the grace period, then aborts
   * them and queues their jobs again. Resolves when nothing of the worker is left; may be called again.
   */
  stop(): Promise<void>;
}

/** How often expired leases are looked for, in ms: keeps recovery within lease + 2 s. One index probe each. */
const RECOVERY_MS = 1_000;

type Settings = Required<WorkerOptions>;

/** Creates a worker; it does nothing until started. Throws `InvalidOptionError`. */
export function createWorker(options: WorkerOptions): Worker {
  const settings = checkOptions(options);
  const { clock, onEvent, workerId, concurrency, queues, leaseSeconds } = settings;
  const queue = createQueue(settings.db);
  const tasks = tasksByName(settings.tasks);
  const running = new Map<string, RunningJob & { done: Promise<void> }>();
  const forced = new AbortController();
  let beats: Beat[] = [];
  let claiming: Beat | undefined;
  let stopping: Promise<void> | undefined;
  /** Whether the last claim took all it asked for, so that a freed slot should ask again at once. */
  let backlog = false;

  const tellError = (during: "claim" | "renew" | "recover" | "settle") => (error: unknown) =>
    onEvent({ kind: "error", during, error });
  const settler: Settler = createSettler({ queue, clock, onRetry: tellError("settle") });

  async function claim(): Promise<number> {
    const limit = concurrency - running.size;
    if (limit <= 0) return settings.pollMs;
    const leasedAt = clock.now();
    try {
      const jobs = await queue.claim({ queues, workerId, limit, leaseSeconds });
      backlog = jobs.length === limit;
      if (stopping !== undefined) await queue.release(jobs);
      else for (const job of jobs) begin(job, leasedAt);
    } catch (error) {
      tellError("claim")(error);
    }
    return settings.pollMs;
  }

  function begin(job: ClaimedJob, leasedAt: number): void {
    const controller = new AbortController();
    const done = run(job, controller).finally(() => {
      running.delete(runKey(job));
      if (backlog) claiming?.wake();
    });
    running.set(runKey(job), { job, controller, leasedAt, done });
  }

  async function run(job: ClaimedJob, controller: AbortController): Promise<void> {
    onEvent({ kind: "job-started", job });
    const startedAt = clock.now();
    const outcome = await runJob(job, { tasks, clock, controller });
    const durationMs = clock.now() - startedAt;
    try {
      const signal = AbortSignal.any([forced.signal, controller.signal]);
      const written = await settler.settle(job, outcome, signal.aborted ? forced.signal : signal);
      onEvent(settledEvent(job, written ? outcome : { kind: "lost" }, durationMs));
    } catch (error) {
      // The lease runs out and recovery takes the job back: it is neither lost nor marked as failed.
      tellError("settle")(error);
    }
  }

  async function recover(): Promise<number> {
    try {
      const result = await queue.recover({ maxCrashes: settings.maxCrashes });
      const count = result.requeued.length + result.failed.length + result.canceled.length;
      if (count > 0) onEvent({ kind: "recovered", ...result });
      if (result.requeued.length > 0) claiming?.wake();
    } catch (error) {
      tellError("recover")(error);
    }
    return RECOVERY_MS;
  }

  async function shutDown(): Promise<void> {
    onEvent({ kind: "stopping", workerId, running: running.size });
    await claiming?.stop();
    await finishWithin(settings.shutdownGraceMs);
    for (const run of running.values()) run.controller.abort(new WorkerStoppingError());
    await finishWithin(ABANDON_AFTER_MS * 2);
    // Whatever cannot be written by now is left to recovery.
    forced.abort(new WorkerStoppingError());
    await Promise.all([...running.values()].map((run) => run.done));
    await Promise.all(beats.map((beat) => beat.stop()));
    onEvent({ kind: "stopped", workerId });
  }

  async function finishWithin(ms: number): Promise<void> {
    if (running.size === 0) return;
    let stopTimer = () => {};
    const timeIsUp = new Promise<void>((resolve) => {
      stopTimer = clock.after(ms, resolve);
    });
    await Promise.race([timeIsUp, Promise.all([...running.values()].map((run) => run.done))]);
    stopTimer();
  }

  return {
    workerId,
    start() {
      if (claiming !== undefined)
        throw new InvalidOptionError("start", "called once for a worker", "a second call");
      onEvent({ kind: "started", workerId, queues, concurrency });
      const renewal = {
        queue,
        clock,
        leaseSeconds,
        running: () => running.values(),
        onError: tellError("renew"),
      };
      claiming = startBeat({ clock, firstMs: 0, work: claim });
      beats = [
        startLeaseRenewal(renewal),
        startLeaseGuard(renewal),
        startBeat({ clock, firstMs: clock.random() * RECOVERY_MS, work: recover }),
      ];
    },
    stop() {
      stopping ??= shutDown();
      return stopping;
    },
  };
}

function runKey(job: ClaimedJob): string {
  return `${job.id} ${job.leaseToken}`;
}

function checkOptions(options: WorkerOptions): Settings {
  const queues = options.queues ?? [DEFAULT_QUEUE];
  if (queues.length === 0) throw new InvalidOptionError("queues", "at least one queue name", queues);
  return {
    db: options.db,
    tasks: options.tasks,
    queues,
    concurrency: integerIn("concurrency", options.concurrency ?? 4, [1, 1_000]),
    pollMs: integerIn("pollMs", options.pollMs ?? 1_000, [100, 60_000]),
    leaseSeconds: integerIn("leaseSeconds", options.leaseSeconds ?? 30, [5, 3_600]),
    maxCrashes: integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]),
    shutdownGraceMs: integerIn("shutdownGraceMs", options.shutdownGraceMs ?? 30_000, [0, 3_600_000]),
    workerId: options.workerId ?? `${hostname().slice(0, 60)}:${process.pid}:${randomUUID().slice(0, 8)}`,
    clock: options.clock ?? systemClock,
    onEvent: options.onEvent ?? (() => {}),
  };
}

function tasksByName(tasks: readonly AnyTask[]): ReadonlyMap<string, AnyTask> {
  const byName = new Map<string, AnyTask>();
  for (const task of tasks) {
    if (byName.has(task.name)) throw new InvalidOptionError("tasks", "named differently", task.name);
    byName.set(task.name, task);
  }
  return byName;
}
