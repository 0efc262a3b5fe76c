import { type Clock, type Executor, NoAnswerError, onConnection } from "@millrace/base";
import type { Pool } from "pg";

/** The limit of a read. */
export interface ReadLimit {
  clock: Clock;
  /** How long a read may take, with the wait for its connection, in ms. */
  limitMs: number;
}

/**
 * Reads on one connection of a pool. Closes the connection at the limit, and rejects. A server that is away without a
 * word would otherwise keep the read, and the pool's connection, for as long as TCP waits: a quarter of an hour.
 */
export async function readOnConnection<Value>(
  pool: Pool,
  { clock, limitMs }: ReadLimit,
  read: (db: Executor) => Promise<Value>,
): Promise<Value> {
  const over = new AbortController();
  // The limit of `onConnection` is for each statement. This one is for all statements of the read together.
  const stopTimer = clock.after(limitMs, () =>
    over.abort(new NoAnswerError("The database gave no answer", limitMs)),
  );
  try {
    return await onConnection(
      { pool, limit: { ms: limitMs, after: clock.after, signal: over.signal } },
      read,
    );
  } finally {
    stopTimer();
  }
}
