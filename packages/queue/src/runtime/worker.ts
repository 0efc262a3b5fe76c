import { createQueue } from "../create-queue.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Run } from "../domain/run.ts";
import { InvalidOptionError, WorkerStoppingError } from "../errors.ts";
import type { Queue } from "../queue.ts";
import { executorOf } from "../store/queryable.ts";
import { type Beat, startBeat } from "./beat.ts";
import { type Intake, startIntake } from "./intake.ts";
import { startLeaseGuard, startLeaseRenewal } from "./lease-renewal.ts";
import { startListener } from "./listener.ts";
import { type Presence, startPresence } from "./presence.ts";
import { ABANDON_AFTER_MS, runJob } from "./run-job.ts";
import { createSettler, type Settler } from "./settler.ts";
import { BUFFERED_MAX_MS, Slots } from "./slots.ts";
import { settledEvent, type WorkerEvent } from "./worker-event.ts";
import { checkWorkerOptions, type WorkerOptions, type WorkerSettings } from "./worker-options.ts";

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

/** Creates a worker; it does nothing until started. Throws `InvalidOptionError`. */
export function createWorker(options: WorkerOptions): Worker {
  return new RunningWorker(checkWorkerOptions(options));
}

class RunningWorker implements Worker {
  readonly workerId: string;
  readonly #settings: WorkerSettings;
  readonly #queue: Queue;
  readonly #settler: Settler;
  readonly #slots: Slots;
  readonly #outcomes = new WeakMap<Run, { outcome: Outcome; durationMs: number }>();
  /** Aborted when nothing more can be waited for; writes that fail then are left to recovery. */
  readonly #giveUp = new AbortController();
  #intake: Intake | undefined;
  #presence: Presence | undefined;
  #beats: Beat[] = [];
  #stopping: Promise<void> | undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.workerId = settings.workerId;
    this.#queue = createQueue(settings.db);
    this.#settler = createSettler({
      queue: this.#queue,
      clock: settings.clock,
      onRetry: this.#tellError("settle"),
    });
    this.#slots = new Slots({
      concurrency: settings.concurrency,
      clock: settings.clock,
      handle: (run) => this.#handle(run),
      settle: (run) => this.#settle(run),
      onFreed: () => this.#intake?.slotFreed(),
    });
  }

  start(): void {
    if (this.#intake !== undefined) {
      throw new InvalidOptionError("start", "called once for a worker", "a second call");
    }
    const { db, clock, tasks, queues, pollMs, leaseSeconds, concurrency, listenOn, onEvent } = this.#settings;
    const { workerId } = this;
    onEvent({ kind: "started", workerId, queues, concurrency });
    const renewal = {
      queue: this.#queue,
      clock,
      leaseSeconds,
      running: () => this.#slots.held(),
      onError: this.#tellError("renew"),
    };
    const presence = startPresence({
      db: executorOf(db),
      clock,
      workerId,
      queues,
      types: [...tasks.keys()],
      onError: this.#tellError("presence"),
    });
    const intake = startIntake({
      db: executorOf(db),
      setAsleep: listenOn === null ? null : presence.setAsleep,
      clock,
      queues,
      pollMs,
      leaseSeconds,
      workerId,
      wanted: () => this.#slots.wanted,
      take: (runs) => this.#slots.take(runs),
      onError: this.#tellError("claim"),
    });
    this.#intake = intake;
    this.#presence = presence;
    this.#beats = [
      startLeaseRenewal(renewal),
      startLeaseGuard(renewal),
      startBeat({ clock, firstMs: clock.random() * RECOVERY_MS, work: () => this.#recover() }),
      startBeat({ clock, firstMs: BUFFERED_MAX_MS, work: () => this.#giveBackStale() }),
    ];
    if (listenOn === null) return;
    this.#beats.push(
      startListener({ pool: listenOn, clock, onWakeUp: intake.wake, onError: this.#tellError("listen") }),
    );
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async #handle(run: Run): Promise<void> {
    const { clock, tasks, onEvent } = this.#settings;
    onEvent({ kind: "job-started", job: run.job });
    const startedAt = clock.now();
    const outcome = await runJob(run, { tasks, clock });
    this.#outcomes.set(run, { outcome, durationMs: clock.now() - startedAt });
  }

  async #settle(run: Run): Promise<void> {
    const ended = this.#outcomes.get(run);
    if (ended === undefined) return;
    const { outcome, durationMs } = ended;
    try {
      const written = await this.#settler.settle(run, outcome, this.#giveUp.signal);
      this.#settings.onEvent(settledEvent(run.job, written ? outcome : { kind: "lost" }, durationMs));
    } catch (error) {
      // The lease runs out and recovery takes the job back: it is neither lost nor marked as failed.
      this.#tellError("settle")(error);
    }
  }

  async #recover(): Promise<number> {
    try {
      const result = await this.#queue.recover({ maxCrashes: this.#settings.maxCrashes });
      const count = result.requeued.length + result.failed.length + result.canceled.length;
      if (count > 0) this.#settings.onEvent({ kind: "recovered", ...result });
      if (result.requeued.length > 0) this.#intake?.wake();
    } catch (error) {
      this.#tellError("recover")(error);
    }
    return RECOVERY_MS;
  }

  async #giveBackStale(): Promise<number> {
    await this.#release(this.#slots.giveBack("stale"));
    return BUFFERED_MAX_MS;
  }

  async #release(runs: readonly Run[]): Promise<void> {
    try {
      await this.#queue.release(runs.map((run) => run.job));
    } catch (error) {
      // Their leases run out, and recovery takes them back.
      this.#tellError("release")(error);
    }
  }

  async #shutDown(): Promise<void> {
    const { onEvent, shutdownGraceMs } = this.#settings;
    const { workerId } = this;
    onEvent({ kind: "stopping", workerId, running: this.#slots.executing });
    this.#slots.close();
    await this.#intake?.stop();
    await this.#release(this.#slots.giveBack("all"));
    await this.#drainedWithin(shutdownGraceMs);
    for (const run of this.#slots.held()) run.abort(new WorkerStoppingError());
    await this.#drainedWithin(ABANDON_AFTER_MS * 2);
    this.#giveUp.abort(new WorkerStoppingError());
    await this.#slots.drained();
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

  #tellError(during: Extract<WorkerEvent, { kind: "error" }>["during"]) {
    return (error: unknown) => this.#settings.onEvent({ kind: "error", during, error });
  }
}
