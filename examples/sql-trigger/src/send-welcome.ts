import { defineTask } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";

/** Welcomes a customer. The payload is what the trigger builds; the task checks it before each run. */
export const sendWelcome = (pool: Pool) =>
  defineTask({
    name: "send-welcome",
    payload: z.object({ customerId: z.number() }),
    async run({ customerId }, { job }) {
      // A real program would send a mail here, with `job.id` as its key, so that a second run sends no second mail.
      const { rows } = await pool.query<{ email: string }>(
        "UPDATE customers SET welcomed_at = now() WHERE id = $1 RETURNING email",
        [customerId],
      );
      return { welcomed: rows[0]?.email ?? null, key: job.id };
    },
  });
