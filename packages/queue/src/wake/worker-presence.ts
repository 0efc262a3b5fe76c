import { randomUUID } from "node:crypto";
import type { Clock, Executor } from "@millrace/base";
import { type Beat, startBeat } from "@millrace/base";
import { WorkerIdTakenError } from "../database-errors.ts";
import { deleteWorker } from "./delete-worker.sql.ts";
import { forgetWorkers } from "./forget-workers.sql.ts";
import { MAY_LIVE_SECONDS, upsertWorker } from "./upsert-worker.sql.ts";

/** How often a worker writes its row, in ms. It is one row, however many jobs the worker runs. */
const PRESENCE_MS = 10_000;

/** The options of `startPresence`. */
export interface PresenceOptions {
  db: Executor;
  clock: Clock;
  workerId: string;
  queues: readonly string[];
  types: readonly string[];
  onError(error: unknown): void;
}

/** Keeps a worker's row in `workers` up to date. */
export interface Presence {
  /** Writes whether producers must notify this worker. Rejects if the row could not be written. */
  setAsleep(asleep: boolean): Promise<void>;
  /** Writes from which queues the worker claims. An error is reported, and the next beat writes the row again. */
  setQueues(queues: readonly string[]): Promise<void>;
  /** Deletes the row, unless another worker with this id may be alive. */
  stop(): Promise<void>;
}

/**
 * Writes the row now, and at each beat. No job depends on the row. A worker that restarts under the id of a killed
 * worker takes over its row. If two living workers have one id, both report an error. They share one row: it says
 * `asleep` while either of them may sleep, so that producers notify both.
 */
export function startPresence(options: PresenceOptions): Presence {
  return new PresenceRow(options);
}

class PresenceRow implements Presence {
  readonly #options: PresenceOptions;
  readonly #instance = randomUUID();
  readonly #beat: Beat;
  #queues: readonly string[];
  #asleep = false;
  /** The last write. Writes are sent one after the other: on two connections, an older write might end last. */
  #last: Promise<unknown> = Promise.resolve();
  #hasWritten = false;
  /** Until when another worker with this id may be alive. */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  #hasReportedShared = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#queues = options.queues;
    this.#beat = startBeat({
      clock: options.clock,
      firstMs: 0,
      work: async () => {
        await this.#write().catch(options.onError);
        await forgetWorkers(options.db).catch(options.onError);
        return PRESENCE_MS;
      },
    });
  }

  async setAsleep(asleep: boolean): Promise<void> {
    this.#asleep = asleep;
    await this.#write();
  }

  async setQueues(queues: readonly string[]): Promise<void> {
    this.#queues = queues;
    await this.#write().catch(this.#options.onError);
  }

  async stop(): Promise<void> {
    const { db, workerId, onError } = this.#options;
    await this.#beat.stop();
    await this.#last;
    if (this.#isShared) return;
    await deleteWorker(db, { workerId, instance: this.#instance }).catch(onError);
  }

  #write(): Promise<void> {
    const mine = this.#last.then(() => this.#upsert());
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #upsert(): Promise<void> {
    const { db, clock, workerId, types, onError } = this.#options;
    const queues = this.#queues;
    // While two workers share the row, it must not say that neither of them sleeps.
    const asleep = this.#asleep || this.#isShared;
    const found = await upsertWorker(db, { workerId, instance: this.#instance, queues, types, asleep });
    if (found) this.#sharedUntil = clock.now() + MAY_LIVE_SECONDS * 1_000;
    // The first write may find the row of a killed worker. If a later write finds another instance's row, that worker
    // is alive.
    if (!this.#isShared) this.#hasReportedShared = false;
    else if (found && this.#hasWritten && !this.#hasReportedShared) {
      this.#hasReportedShared = true;
      onError(new WorkerIdTakenError(workerId));
    }
    this.#hasWritten = true;
  }

  get #isShared(): boolean {
    return this.#options.clock.now() < this.#sharedUntil;
  }
}
