import { deleteWorker } from "../store/delete-worker.ts";
import type { Executor } from "../store/queryable.ts";
import { upsertWorker } from "../store/upsert-worker.ts";
import { startBeat } from "./beat.ts";
import type { Clock } from "./clock.ts";

/** How often a worker says that it is there, in ms: one row written, however many jobs it runs. */
const PRESENCE_MS = 10_000;

/** What presence needs. */
export interface PresenceOptions {
  db: Executor;
  clock: Clock;
  workerId: string;
  queues: readonly string[];
  types: readonly string[];
  onError(error: unknown): void;
}

/** A worker's row in the table of workers, kept up to date. */
export interface Presence {
  /** Tells producers whether this worker is to be notified. Rejects when it could not be written. */
  setAsleep(asleep: boolean): Promise<void>;
  /** Removes the row. */
  stop(): Promise<void>;
}

/** Writes the row now, and at each beat. No job depends on it. */
export function startPresence(options: PresenceOptions): Presence {
  const { db, clock, workerId, queues, types, onError } = options;
  let asleep = false;
  let last: Promise<unknown> = Promise.resolve();
  /** One write at a time: of two under way on two connections, the older could come last. */
  function write(): Promise<void> {
    const mine = last.then(() => upsertWorker(db, { workerId, queues, types, asleep }));
    last = mine.catch(() => undefined);
    return mine;
  }
  const beat = startBeat({
    clock,
    firstMs: 0,
    async work() {
      await write().catch(onError);
      return PRESENCE_MS;
    },
  });
  return {
    async setAsleep(value) {
      asleep = value;
      await write();
    },
    async stop() {
      await beat.stop();
      await last;
      await deleteWorker(db, workerId).catch(onError);
    },
  };
}
