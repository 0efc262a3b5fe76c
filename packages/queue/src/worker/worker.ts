import type { Executor } from "@millrace/base";
import {
  type Beat,
  InvalidOptionError,
  ignoreIdleCuts,
  limitedExecutor,
  poolBeneath,
  startBeat,
  startListener,
} from "@millrace/base";
import { type ClaimLoop, startClaimLoop } from "../claim/claim-loop.ts";
import { queueNames } from "../claim/queue-weights.ts";
import { createProducer } from "../enqueue/producer.ts";
import { JobCanceledError, WorkerStoppingError } from "../errors.ts";
import type { Lease } from "../job/job.ts";
import { isSuspect } from "../job/suspect.ts";
import { type LeaseRenewal, startLeaseGuard, startLoopRenewal } from "../lease/loop-renewal.ts";
import { startThreadRenewal } from "../lease/thread-renewal.ts";
import { named, namingErrors } from "../naming-errors.ts";
import { beginRun } from "../run/begin-run.sql.ts";
import { createContext } from "../run/create-context.ts";
import type { Outcome } from "../run/outcome.ts";
import { createProgressBatcher } from "../run/progress-batcher.ts";
import { RecentCancels } from "../run/recent-cancels.ts";
import type { Run } from "../run/run.ts";
import { ABANDON_AFTER_MS, runJob } from "../run/run-job.ts";
import { BUFFERED_MAX_MS, Slots } from "../run/slots.ts";
import { createRuns, type Runs } from "../runs.ts";
import { createSettler, type Settler } from "../settle/settler.ts";
import type { TaskContext } from "../task/task-context.ts";
import { LISTEN_CHANNEL, parseWakeUp, type WakeUp } from "../wake/notice.ts";
import { type Presence, startPresence } from "../wake/presence.ts";
import { startNoTaskWatch } from "./no-task-watch.ts";
import { settledEvent, type WorkerEvent } from "./worker-event.ts";
import { checkWorkerOptions, type WorkerOptions, type WorkerSettings } from "./worker-options.ts";

/** One claim-and-run loop. Runs every job at least once; see `defineTask`. */
export interface Worker {
  readonly workerId: string;
  /** Starts claiming. A worker starts once; one that was stopped, even before it started, does not. */
  start(): void;
  /**
   * Stops claiming, gives back what was not begun, lets running handlers finish for the grace period, then aborts
   * them and queues their jobs again. Resolves when nothing of the worker is left, also when the database no longer
   * answers; may be called again.
   */
  stop(): Promise<void>;
}

/**
 * How often expired leases are looked for, in ms; one index probe each. With the default poll and its jitter of a
 * twentieth, 1,050 ms, a job runs again within lease + 2 s even where workers are not notified.
 */
const RECOVERY_MS = 900;

/**
 * How long PostgreSQL may take to answer before its connection is taken for dead, in ms; a lease if that is less, for a
 * claim that took longer than its lease is of no use. Statements of a worker take ms, and wait for no lock for long.
 */
const ANSWER_MAX_MS = 30_000;

/** How many runs are taken back in one statement. */
const RECOVERY_BATCH = 500;

/** Creates a worker; it does nothing until started. Throws `InvalidOptionError`. */
export function createWorker(options: WorkerOptions): Worker {
  return new RunningWorker(checkWorkerOptions(options));
}

class RunningWorker implements Worker {
  readonly workerId: string;
  readonly #settings: WorkerSettings;
  /** For the worker's own statements: an answer is waited for so long and no longer. */
  readonly #db: Executor;
  readonly #runs: Runs;
  readonly #settler: Settler;
  readonly #contextOf: (run: Run) => TaskContext;
  readonly #slots: Slots<Outcome>;
  /** Aborted when nothing more can be waited for; writes that fail then are left to recovery. */
  readonly #giveUp = new AbortController();
  readonly #cancels = new RecentCancels();
  #claimLoop: ClaimLoop | undefined;
  #renewal: LeaseRenewal | undefined;
  #presence: Presence | undefined;
  #beats: Beat[] = [];
  #stopping: Promise<void> | undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.workerId = settings.workerId;
    const { clock, logger } = settings;
    const ms = Math.min(ANSWER_MAX_MS, settings.leaseSeconds * 1_000);
    const pool = poolBeneath(settings.db);
    if (pool !== null) ignoreIdleCuts(pool);
    this.#db = limitedExecutor(settings.db, { ms, after: clock.after });
    this.#runs = createRuns(this.#db);
    const progress = createProgressBatcher(this.#db);
    // What a handler enqueues may wait as long as the handler may.
    const producer = namingErrors(createProducer(settings.db));
    const runs = namingErrors(createRuns(settings.db));
    this.#contextOf = (run) => createContext(run, { producer, runs, clock, logger, progress });
    this.#settler = createSettler({ db: this.#db, clock, onRetry: this.#tellError("settle") });
    this.#slots = new Slots({
      concurrency: settings.concurrency,
      clock: settings.clock,
      handle: (run) => this.#handle(run),
      settle: (run, outcome, durationMs) => this.#settle(run, outcome, durationMs),
      release: (runs, delayMs) => this.#release(runs, delayMs),
      onFreed: () => this.#claimLoop?.slotFreed(),
    });
  }

  start(): void {
    if (this.#claimLoop !== undefined || this.#stopping !== undefined) {
      const found = this.#stopping === undefined ? "a second call" : "a call after `stop`";
      throw new InvalidOptionError("start", "called once for a worker, and before `stop`", found);
    }
    const { clock, tasks, queues, pollMs, leaseSeconds, concurrency, listenOn, onEvent } = this.#settings;
    const { workerId } = this;
    const types = [...tasks.keys()];
    onEvent({ kind: "started", workerId, queues: queueNames(queues), concurrency });
    const { renewalThread: connection, maxBlockedMs } = this.#settings;
    const leases = {
      extend: (held: readonly Lease[], seconds: number) => this.#runs.extend(held, seconds),
      clock,
      leaseSeconds,
      running: () => this.#slots.held(),
      onError: this.#tellError("renew"),
    };
    const renewal =
      connection === null
        ? startLoopRenewal(leases)
        : startThreadRenewal({ ...leases, connection, maxBlockedMs });
    const presence = startPresence({
      db: this.#db,
      clock,
      workerId,
      queues: queueNames(queues),
      types,
      onError: this.#tellError("presence"),
    });
    const claimLoop = startClaimLoop({
      db: this.#db,
      setAsleep: listenOn === null ? null : (asleep) => presence.setAsleep(asleep),
      clock,
      queues,
      types,
      pollMs,
      leaseSeconds,
      workerId,
      wanted: () => this.#slots.wanted,
      take: (runs) => {
        if (runs.length > 0) renewal.began(runs);
        for (const run of runs) {
          if (this.#cancels.concern(run.job)) run.abort(new JobCanceledError(run.job.id));
        }
        this.#slots.take(runs);
      },
      onError: this.#tellError("claim"),
    });
    this.#claimLoop = claimLoop;
    this.#renewal = renewal;
    this.#presence = presence;
    this.#beats = [
      renewal,
      startLeaseGuard(leases, renewal),
      startBeat({ clock, firstMs: clock.random() * RECOVERY_MS, work: () => this.#recover() }),
      startBeat({ clock, firstMs: BUFFERED_MAX_MS, work: () => this.#giveBackStale() }),
      this.#startNoTaskWatch(),
      ...this.#startListener(),
    ];
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  #startNoTaskWatch(): Beat {
    const { clock, queues, tasks, onEvent } = this.#settings;
    const onError = this.#tellError("watch");
    return startNoTaskWatch({
      db: this.#db,
      clock,
      queues: queueNames(queues),
      types: [...tasks.keys()],
      onEvent,
      onError,
    });
  }

  #startListener(): Beat[] {
    const { clock, listenOn: pool } = this.#settings;
    if (pool === null) return [];
    const onError = this.#tellError("listen");
    const onNotice = (text?: string) => this.#hear(parseWakeUp(text));
    return [startListener({ pool, clock, channel: LISTEN_CHANNEL, onNotice, onError })];
  }

  #handle(run: Run): Promise<Outcome> {
    return isSuspect(run.job) ? this.#handleSuspect(run) : this.#runJob(run);
  }

  #runJob(run: Run): Promise<Outcome> {
    const { clock, tasks, onEvent } = this.#settings;
    onEvent({ kind: "job-started", job: run.job });
    return runJob(run, { tasks, clock, contextOf: this.#contextOf });
  }

  /** Notes that a suspect begins: only from then on is a crash its own. One that may not begin is given back. */
  async #handleSuspect(run: Run): Promise<Outcome> {
    try {
      if (await beginRun(this.#db, run.job)) return await this.#runJob(run);
    } catch (error) {
      this.#tellError("begin")(error);
    }
    return { kind: "release" };
  }

  async #settle(run: Run, outcome: Outcome, durationMs: number): Promise<void> {
    try {
      const settled = await this.#settler.settle(run, outcome, this.#giveUp.signal);
      this.#settings.onEvent(settledEvent(run.job, settled, durationMs));
    } catch (error) {
      // The lease runs out and recovery takes the job back: it is neither lost nor marked as failed.
      this.#tellError("settle")(error);
    }
  }

  async #recover(): Promise<number> {
    try {
      const result = await this.#runs.recover({
        maxCrashes: this.#settings.maxCrashes,
        limit: RECOVERY_BATCH,
      });
      this.#settings.onAnswer();
      const count = result.requeued.length + result.failed.length + result.canceled.length;
      if (count > 0) this.#settings.onEvent({ kind: "recovered", ...result });
      if (result.requeued.length > 0) this.#claimLoop?.wake();
      // A worker that held more than one batch is taken back from without a pause.
      if (count === RECOVERY_BATCH) return 0;
    } catch (error) {
      this.#tellError("recover")(error);
    }
    return RECOVERY_MS;
  }

  async #giveBackStale(): Promise<number> {
    void this.#slots.giveBackStale();
    return BUFFERED_MAX_MS;
  }

  /** Gives runs back that have not begun. Never rejects; ends at the latest when nothing more can be waited for. */
  async #release(runs: readonly Run[], delayMs?: number): Promise<void> {
    const outcome: Outcome = delayMs === undefined ? { kind: "release" } : { kind: "release", delayMs };
    const releases = runs.map((run) =>
      // Their leases run out, and recovery takes them back.
      this.#settler.settle(run, outcome, this.#giveUp.signal).catch(this.#tellError("release")),
    );
    await Promise.all(releases);
  }

  async #shutDown(): Promise<void> {
    const { onEvent, shutdownGraceMs } = this.#settings;
    const { workerId } = this;
    onEvent({ kind: "stopping", workerId, running: this.#slots.executing });
    this.#slots.close();
    await this.#claimLoop?.stop();
    const released = this.#slots.giveBackAll();
    await this.#drainedWithin(shutdownGraceMs);
    for (const run of this.#slots.held()) run.abort(new WorkerStoppingError());
    await this.#drainedWithin(ABANDON_AFTER_MS * 2);
    this.#giveUp.abort(new WorkerStoppingError());
    await Promise.all([released, this.#slots.drained()]);
    await Promise.all(this.#beats.map((beat) => beat.stop()));
    await this.#presence?.stop();
    onEvent({ kind: "stopped", workerId });
  }

  async #drainedWithin(ms: number): Promise<void> {
    let stopTimer = () => {};
    const timeIsUp = new Promise<void>((resolve) => {
      stopTimer = this.#settings.clock.after(ms, resolve);
    });
    await Promise.race([timeIsUp, this.#slots.drained()]);
    stopTimer();
  }

  #hear(notice: WakeUp | undefined): void {
    if (notice?.kind !== "cancel-requested") {
      this.#claimLoop?.wake(notice);
      // Nobody listened for a while, and whoever was asked to stop meanwhile is told by a renewal.
      if (notice === undefined) this.#renewal?.wake();
      return;
    }
    const { jobId: id, leaseToken } = notice;
    const asked = [...this.#slots.held()].find(({ job }) => job.id === id && job.leaseToken === leaseToken);
    if (asked === undefined) this.#cancels.heard({ id, leaseToken });
    else asked.abort(new JobCanceledError(id));
  }

  #tellError(during: Extract<WorkerEvent, { kind: "error" }>["during"]) {
    return (error: unknown) => this.#settings.onEvent({ kind: "error", during, error: named(error) });
  }
}
