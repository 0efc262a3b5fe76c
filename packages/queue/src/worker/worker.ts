import { checkNode, InvalidOptionError } from "@millrace/base";
import { queueNames } from "../claim/queue-weights.ts";
import { WorkerStoppingError } from "../errors.ts";
import { ABANDON_AFTER_MS } from "../run/run-job.ts";
import { composeWorker, type StartedParts, type WorkerParts } from "./compose-worker.ts";
import { type EmptyCounts, Tally, untilEmpty } from "./until-empty.ts";
import { checkWorkerChange, type WorkerChange } from "./worker-change.ts";
import type { WorkerEvent } from "./worker-event.ts";
import { leaseLeftMs, type WorkerHealth } from "./worker-health.ts";
import { checkWorkerOptions, type WorkerOptions, type WorkerSettings } from "./worker-options.ts";

/**
 * Claims jobs and runs their handlers. Delivery is at least once: a handler may run twice after a lost lease or a
 * crash.
 */
export interface Worker {
  /** The id from the options, or the one that the worker made. */
  readonly workerId: string;
  /**
   * Starts claiming. Throws `InvalidOptionError` (`INVALID_OPTION`) if the worker was started before, or was stopped.
   */
  start(): void;
  /**
   * Stops the worker. Resolves when nothing of the worker is left, even if the database does not answer. May be called
   * again: all calls return one promise.
   *
   * 1. Claiming ends, and jobs that have not begun are released.
   * 2. Running handlers may finish within `shutdownGraceMs`.
   * 3. The other handlers are aborted with `WorkerStoppingError` (`WORKER_STOPPING`), and their jobs are queued again.
   * A handler that still runs 5 s later is abandoned.
   */
  stop(): Promise<void>;
  /**
   * What the worker does at this moment, for probes and metrics. Sends nothing to the database, and reads every lease
   * that the worker holds.
   *
   * @example
   * const { state, sinceRoundMs } = worker.health();
   */
  health(): WorkerHealth;
  /** Whether `pause` was called, and `resume` was not called since. */
  readonly isPaused: boolean;
  /**
   * Stops claiming. Running jobs run on, and the worker renews their leases. Jobs that were claimed ahead are given
   * back, without using an attempt. Resolves when they are given back, no claim is under way, and the worker's row in
   * `millrace.workers` says that it is paused. A worker that is paused before its start claims nothing until `resume`.
   * This pauses one worker; `queue.pause` pauses a queue for all workers.
   *
   * @example
   * await worker.pause();
   */
  pause(): Promise<void>;
  /** Claims again, at once, after `pause`. Without `pause` before it, does nothing. */
  resume(): void;
  /**
   * Changes how many jobs run at a time, or from which queues the worker claims. The change holds at once.
   * - More jobs at a time: the new slots are filled at once.
   * - Fewer: running jobs run on. Jobs that were claimed ahead, and have no room now, are given back.
   * - Other queues: running jobs of queues that were left out run on. Jobs of them that were claimed ahead are given
   *   back.
   *
   * Resolves when the jobs are given back, and the worker's row in `millrace.workers` says what changed. Rejects with
   * `InvalidOptionError` (`INVALID_OPTION`) for a bad value, and after `stop`: then nothing is changed.
   *
   * @example
   * await worker.set({ concurrency: 50 });
   */
  set(change: WorkerChange): Promise<void>;
  /**
   * Starts the worker, runs every due job of its queues and tasks, and stops the worker. Jobs that become due meanwhile
   * are run, too, and so are jobs that a handler enqueues, if they are due at once. Does not wait for jobs that are due
   * later, nor for jobs that other workers run. A paused queue counts as empty.
   *
   * Resolves with what became of the runs, also when `stop` was called meanwhile. Rejects after the worker has stopped:
   * - with the database's error, when a claim failed or the database refused an outcome;
   * - with `InvalidOptionError` (`INVALID_OPTION`), if the worker was started before, or was stopped.
   *
   * @example
   * const { completed, failed } = await createWorker({ db: pool, tasks }).runUntilEmpty();
   */
  runUntilEmpty(): Promise<EmptyCounts>;
}

/**
 * Creates a worker. It does nothing before `start`. Delivery is at least once: a handler may run twice after a lost
 * lease or a crash. Throws `InvalidOptionError` (`INVALID_OPTION`) for an option of the wrong kind or out of its range.
 *
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * const worker = createWorker({ db: pool, tasks: [sendReceipt], concurrency: 10 });
 * worker.start();
 * process.once("SIGTERM", () => void worker.stop().then(() => pool.end()));
 */
export function createWorker(options: WorkerOptions): Worker {
  checkNode();
  const settings = checkWorkerOptions(options);
  const worker = new RunningWorker(settings);
  settings.observer.attached?.(worker);
  return worker;
}

/** Starts and stops the parts of a worker, which `composeWorker` builds. */
class RunningWorker implements Worker {
  readonly workerId: string;
  readonly #settings: WorkerSettings;
  /** Counts the runs of `runUntilEmpty`. */
  readonly #tally = new Tally();
  /** Aborted when the worker begins to stop. */
  readonly #stops = new AbortController();
  /**
   * Aborted when the worker cannot wait any longer: recovery then takes back the runs whose outcome was not written.
   */
  readonly #giveUp = new AbortController();
  readonly #parts: WorkerParts;
  #started: StartedParts | undefined;
  #stopping: Promise<void> | undefined;
  #hasStopped = false;

  constructor(settings: WorkerSettings) {
    const { onEvent, observer } = settings;
    this.#settings = {
      ...settings,
      onEvent: (event: WorkerEvent) => {
        this.#tally.count(event);
        observer.event?.(event);
        onEvent(event);
      },
    };
    this.workerId = settings.workerId;
    this.#parts = composeWorker(this.#settings, this.#giveUp.signal);
  }

  start(): void {
    this.#begin();
  }

  #begin(): StartedParts {
    if (this.#started !== undefined || this.#stopping !== undefined) {
      throw new InvalidOptionError("start", {
        message:
          this.#stopping === undefined
            ? "`start` was called twice on one worker. Call it once; for more workers, create each by `createWorker`."
            : "`start` was called on a worker that was stopped. Create another one by `createWorker`.",
      });
    }
    const { workerId, queues, concurrency, onEvent } = this.#settings;
    onEvent({ kind: "started", workerId, queues: queueNames(queues), concurrency });
    this.#started = this.#parts.start();
    return this.#started;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  health(): WorkerHealth {
    const { clock, pollMs, leaseSeconds, renewalConnection } = this.#settings;
    const { slots } = this.#parts;
    const renewal = this.#started?.renewal;
    // After the event loop was blocked, this call may come before the messages of the renewal thread.
    renewal?.catchUp();
    const now = clock.now();
    const leaseMs = leaseSeconds * 1_000;
    const round = this.#started?.claimLoop.lastRound ?? { at: null, error: null };
    return {
      state: this.#state,
      isPaused: slots.isPaused,
      concurrency: slots.concurrency,
      running: slots.executing,
      held: slots.heldCount,
      pollMs,
      sinceRoundMs: round.at === null ? null : now - round.at,
      claimError: round.error,
      renewedBy: renewal?.by ?? (renewalConnection === null ? "loop" : "thread"),
      leaseMs,
      leaseLeftMs: leaseLeftMs(slots.held(), { now, leaseMs }),
    };
  }

  get #state(): WorkerHealth["state"] {
    if (this.#hasStopped) return "stopped";
    if (this.#stopping !== undefined) return "stopping";
    return this.#started === undefined ? "created" : "running";
  }

  get isPaused(): boolean {
    return this.#parts.slots.isPaused;
  }

  async pause(): Promise<void> {
    const { slots } = this.#parts;
    if (!slots.isPaused) this.#settings.onEvent({ kind: "paused", workerId: this.workerId });
    const released = slots.pause();
    const written = this.#started?.presence.stateChanged();
    // The claim under way gives its jobs back when it ends.
    await this.#started?.claimLoop.settled();
    await released;
    await slots.released();
    await written;
  }

  resume(): void {
    const { slots } = this.#parts;
    if (!slots.isPaused) return;
    this.#settings.onEvent({ kind: "resumed", workerId: this.workerId });
    slots.resume();
    void this.#started?.presence.stateChanged();
    this.#started?.claimLoop.wake();
  }

  async set(change: WorkerChange): Promise<void> {
    const { concurrency, queues } = checkWorkerChange(change);
    if (this.#stopping !== undefined) {
      const message = "`set` was called on a worker that was stopped. Create another one by `createWorker`.";
      throw new InvalidOptionError("set", { message });
    }
    const { slots } = this.#parts;
    if (concurrency !== undefined) {
      this.#settings.concurrency = concurrency;
      slots.resize(concurrency);
    }
    if (queues !== undefined) {
      this.#settings.queues = queues;
      this.#started?.claimLoop.setQueues(queues);
    }
    const names = queueNames(this.#settings.queues);
    const { workerId, onEvent } = this.#settings;
    onEvent({ kind: "changed", workerId, queues: names, concurrency: this.#settings.concurrency });
    const releaseSurplus = () => slots.releaseSurplus(new Set(queueNames(this.#settings.queues)));
    const written = this.#started?.presence.stateChanged();
    await releaseSurplus();
    // The claim under way may take jobs for which there is no room now.
    await this.#started?.claimLoop.settled();
    await Promise.all([releaseSurplus(), written]);
  }

  async runUntilEmpty(): Promise<EmptyCounts> {
    const { claimLoop } = this.#begin();
    const { slots, hasDueJobs } = this.#parts;
    const { clock } = this.#settings;
    const { signal } = this.#stops;
    try {
      const empty = untilEmpty({
        slots,
        claimLoop,
        clock,
        hasDueJobs,
        ended: () => this.#tally.ended,
        signal,
      });
      await Promise.race([empty, this.#tally.failure]);
    } finally {
      await this.stop();
    }
    return this.#tally.counts;
  }

  async #shutDown(): Promise<void> {
    const { workerId, onEvent, shutdownGraceMs } = this.#settings;
    const { slots } = this.#parts;
    this.#stops.abort();
    onEvent({ kind: "stopping", workerId, running: slots.executing });
    slots.close();
    await this.#started?.claimLoop.stop();
    const released = slots.releaseAll();
    await this.#drainedWithin(shutdownGraceMs);
    for (const run of slots.held()) run.abort(new WorkerStoppingError());
    await this.#drainedWithin(ABANDON_AFTER_MS * 2);
    this.#giveUp.abort(new WorkerStoppingError());
    await Promise.all([released, slots.drained()]);
    await Promise.all((this.#started?.beats ?? []).map((beat) => beat.stop()));
    await this.#started?.presence.stop();
    this.#hasStopped = true;
    onEvent({ kind: "stopped", workerId });
  }

  /** Resolves when every run has ended and its outcome is written, at the latest after `ms`. */
  async #drainedWithin(ms: number): Promise<void> {
    let stopTimer = () => {};
    const timeIsUp = new Promise<void>((resolve) => {
      stopTimer = this.#settings.clock.after(ms, resolve);
    });
    await Promise.race([timeIsUp, this.#parts.slots.drained()]);
    stopTimer();
  }
}
