import { randomUUID } from "node:crypto";
import type { Clock, Executor } from "@millrace/base";
import { type Beat, startBeat } from "@millrace/base";
import { SCHEMA_NUMBER } from "@millrace/schema/values";
import { WorkerIdTakenError } from "../database-errors.ts";
import { deleteWorker } from "./delete-worker.sql.ts";
import { forgetWorkers } from "./forget-workers.sql.ts";
import { RELEASE } from "./release.ts";
import type { RunCounts } from "./run-counts.ts";
import { sampleDepths } from "./sample-depths.sql.ts";
import {
  type CountsAnswer,
  MAY_LIVE_SECONDS,
  type RowAnswer,
  upsertWorker,
  upsertWorkerWithCounts,
  type WorkerPresence,
} from "./upsert-worker.sql.ts";

/** How often a worker writes its row and its counts, in ms. However many jobs the worker runs, the row is one. */
const PRESENCE_MS = 10_000;

/** The options of `startPresence`. */
export interface PresenceOptions {
  db: Executor;
  clock: Clock;
  workerId: string;
  types: readonly string[];
  /** The values of the row that may change while the worker runs. */
  state(): Pick<WorkerPresence, "queues" | "concurrency" | "isPaused">;
  /** The counts of the worker's runs. */
  counts: RunCounts;
  /** Called when the database says that this release is too old to work on it, with the schema that it asks for. */
  tooOld(leastSchema: number): void;
  onError(error: unknown): void;
}

/** Keeps a worker's row in `workers` up to date. */
export interface Presence {
  /** Writes whether producers must notify this worker. Rejects if the row could not be written. */
  setAsleep(asleep: boolean): Promise<void>;
  /** Writes the row now, because the state has changed. An error is reported, and the next beat writes again. */
  stateChanged(): Promise<void>;
  /** Writes the last counts, and deletes the row, unless another worker with this id may be alive. */
  stop(): Promise<void>;
}

/**
 * Writes the row now, and at each beat. No job depends on the row. A worker that restarts under the id of a killed
 * worker takes over its row. If two living workers have one id, both report an error. They share one row: it says
 * `asleep` while either of them may sleep, so that producers notify both.
 *
 * Each beat also adds what the worker counted to `queue_minutes`, and samples the depths of the queues, if no worker
 * has done so in this minute.
 */
export function startPresence(options: PresenceOptions): Presence {
  return new PresenceRow(options);
}

class PresenceRow implements Presence {
  readonly #options: PresenceOptions;
  readonly #instance = randomUUID();
  readonly #beat: Beat;
  #asleep = false;
  /** The last write. Writes are sent one after the other: on two connections, an older write might end last. */
  #last: Promise<unknown> = Promise.resolve();
  #hasWritten = false;
  /** Until when another worker with this id may be alive. */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  #hasReportedShared = false;
  /** The last minute in which this worker sampled. While there are no jobs, a sample writes nothing. */
  #sampledMinute: string | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#beat = startBeat({
      clock: options.clock,
      firstMs: 0,
      work: async () => {
        await this.#writeCounts().then((answer) => this.#sample(answer), options.onError);
        await forgetWorkers(options.db).catch(options.onError);
        return PRESENCE_MS;
      },
    });
  }

  async setAsleep(asleep: boolean): Promise<void> {
    this.#asleep = asleep;
    await this.#inTurn(() => this.#upsert(upsertWorker));
  }

  async stateChanged(): Promise<void> {
    await this.#inTurn(() => this.#upsert(upsertWorker)).catch(this.#options.onError);
  }

  async stop(): Promise<void> {
    const { db, workerId, counts, onError } = this.#options;
    await this.#beat.stop();
    await this.#last;
    if (counts.isUnsure) await this.#writeBatch().catch(onError);
    const leaving = { workerId, instance: this.#instance, isShared: this.#isShared, batch: counts.next() };
    await deleteWorker(db, leaving).catch(onError);
  }

  /** Writes the batch whose last write failed, if there is one, and then what was counted since. */
  async #writeCounts(): Promise<CountsAnswer> {
    if (this.#options.counts.isUnsure) await this.#writeBatch();
    return this.#writeBatch();
  }

  #writeBatch(): Promise<CountsAnswer> {
    return this.#inTurn(async () => {
      const { counts } = this.#options;
      const answer = await this.#upsert((db, worker) => upsertWorkerWithCounts(db, worker, counts.next()));
      counts.written();
      return answer;
    });
  }

  async #sample({ isUnsampled, minute }: CountsAnswer): Promise<void> {
    const { db, onError } = this.#options;
    if (!isUnsampled || minute === this.#sampledMinute) return;
    this.#sampledMinute = minute;
    await sampleDepths(db).catch(onError);
  }

  #inTurn<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    const mine = this.#last.then(write);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #upsert<Answer extends RowAnswer>(
    write: (db: Executor, worker: WorkerPresence) => Promise<Answer>,
  ): Promise<Answer> {
    const { db, clock, workerId, types, state, tooOld, onError } = this.#options;
    const answer = await write(db, {
      ...state(),
      workerId,
      instance: this.#instance,
      types,
      // While two workers share the row, it must not say that neither of them sleeps.
      asleep: this.#asleep || this.#isShared,
      release: RELEASE,
    });
    if (answer.leastSchema > SCHEMA_NUMBER) tooOld(answer.leastSchema);
    if (answer.isShared) this.#sharedUntil = clock.now() + MAY_LIVE_SECONDS * 1_000;
    // The first write may find the row of a killed worker. If a later write finds another instance's row, that worker
    // is alive.
    if (!this.#isShared) this.#hasReportedShared = false;
    else if (answer.isShared && this.#hasWritten && !this.#hasReportedShared) {
      this.#hasReportedShared = true;
      onError(new WorkerIdTakenError(workerId));
    }
    this.#hasWritten = true;
    return answer;
  }

  get #isShared(): boolean {
    return this.#options.clock.now() < this.#sharedUntil;
  }
}
