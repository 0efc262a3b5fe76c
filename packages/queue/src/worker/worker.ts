import { InvalidOptionError } from "@millrace/base";
import { queueNames } from "../claim/queue-weights.ts";
import { WorkerStoppingError } from "../errors.ts";
import { ABANDON_AFTER_MS } from "../run/run-job.ts";
import { composeWorker, type StartedParts, type WorkerParts } from "./compose-worker.ts";
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
  return new RunningWorker(checkWorkerOptions(options));
}

/** Starts and stops the parts of a worker, which `composeWorker` builds. */
class RunningWorker implements Worker {
  readonly workerId: string;
  readonly #settings: WorkerSettings;
  /**
   * Aborted when the worker cannot wait any longer: recovery then takes back the runs whose outcome was not written.
   */
  readonly #giveUp = new AbortController();
  readonly #parts: WorkerParts;
  #started: StartedParts | undefined;
  #stopping: Promise<void> | undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.workerId = settings.workerId;
    this.#parts = composeWorker(settings, this.#giveUp.signal);
  }

  start(): void {
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
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async #shutDown(): Promise<void> {
    const { workerId, onEvent, shutdownGraceMs } = this.#settings;
    const { slots } = this.#parts;
    onEvent({ kind: "stopping", workerId, running: slots.executing });
    slots.close();
    await this.#started?.claimLoop.stop();
    const released = slots.giveBackAll();
    await this.#drainedWithin(shutdownGraceMs);
    for (const run of slots.held()) run.abort(new WorkerStoppingError());
    await this.#drainedWithin(ABANDON_AFTER_MS * 2);
    this.#giveUp.abort(new WorkerStoppingError());
    await Promise.all([released, slots.drained()]);
    await Promise.all((this.#started?.beats ?? []).map((beat) => beat.stop()));
    await this.#started?.presence.stop();
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
