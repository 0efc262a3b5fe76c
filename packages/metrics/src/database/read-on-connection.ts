import type { Clock } from "@millrace/base";
import type { Pool, PoolClient } from "pg";

/** The limit of a read. */
export interface ReadLimit {
  clock: Clock;
  /** How long a read may take once it has a connection, in ms. */
  limitMs: number;
}

/**
 * Reads on one connection of a pool. Closes the connection at the limit, and rejects. A server that is away without a
 * word would otherwise keep the read, and the pool's connection, for as long as TCP waits: a quarter of an hour.
 */
export async function readOnConnection<Value>(
  pool: Pool,
  { clock, limitMs }: ReadLimit,
  read: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  // A loss fails the statement under way. Without a listener, the loss would also end the process.
  const ignore = () => undefined;
  client.on("error", ignore);
  let isTooLate = false;
  const stopTimer = clock.after(limitMs, () => {
    isTooLate = true;
    client.release(true);
  });
  try {
    return await read(client);
  } finally {
    stopTimer();
    if (!isTooLate) {
      client.off("error", ignore);
      client.release();
    }
  }
}
