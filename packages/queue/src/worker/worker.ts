import { InvalidOptionError } from "@millrace/base";
import { queueNames } from "../claim/queue-weights.ts";
import { WorkerStoppingError } from "../errors.ts";
import { ABANDON_AFTER_MS } from "../run/run-job.ts";
import { composeWorker, type StartedParts, type WorkerParts } from "./compose-worker.ts";
import { checkWorkerOptions, type WorkerOptions, type WorkerSettings } from "./worker-options.ts";

/** One claim-and-run loop. Runs every job at least once; see `defineTask`. */
export interface Worker {
  readonly workerId: string;
  /** Starts claiming. A worker starts once. A worker that was stopped, even before its start, does not start. */
  start(): void;
  /**
   * Stops claiming, gives back jobs that have not begun, and lets running handlers finish for the grace period. Then
   * aborts them and queues their jobs again. Resolves when nothing of the worker is left, also when the database no
   * longer answers; may be called again.
   */
  stop(): Promise<void>;
}

/** Creates a worker; it does nothing until started. Throws `InvalidOptionError`. */
export function createWorker(options: WorkerOptions): Worker {
  return new RunningWorker(checkWorkerOptions(options));
}

/** The life of a worker: `composeWorker` builds the parts; this class starts and stops them. */
class RunningWorker implements Worker {
  readonly workerId: string;
  readonly #settings: WorkerSettings;
  /** Aborted when the worker cannot wait any longer; recovery does what failed writes leave. */
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

  /** Resolves when every run has ended and is written, or after so many ms. */
  async #drainedWithin(ms: number): Promise<void> {
    let stopTimer = () => {};
    const timeIsUp = new Promise<void>((resolve) => {
      stopTimer = this.#settings.clock.after(ms, resolve);
    });
    await Promise.race([timeIsUp, this.#parts.slots.drained()]);
    stopTimer();
  }
}
