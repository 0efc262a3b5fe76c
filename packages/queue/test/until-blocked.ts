import { waitFor } from "@millrace/testpg";
import type pg from "pg";

/** Waits until so many sessions of the database wait for a lock. */
export async function untilBlocked(pool: pg.Pool, count = 1): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows.length >= count;
    },
    { description: `${count} sessions wait for a lock` },
  );
}
