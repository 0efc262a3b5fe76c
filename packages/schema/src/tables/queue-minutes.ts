import { bigint, integer, primaryKey, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * What happened in each queue in each minute, for people who look back. No job depends on these rows. Workers add what
 * they counted every 10 s. When a worker dies, the counts of its last seconds are lost. Old rows are deleted.
 */
export const queueMinutes = millraceSchema.table(
  "queue_minutes",
  {
    /** The beginning of the minute, by the database's clock. */
    minute: instant("minute").notNull(),
    queue: varchar("queue", { length: 100 }).notNull(),
    /** How many jobs ended in each final state. Jobs that operators or SQL canceled while queued do not count. */
    completed: bigint("completed", { mode: "number" }).notNull().default(0),
    failed: bigint("failed", { mode: "number" }).notNull().default(0),
    canceled: bigint("canceled", { mode: "number" }).notNull().default(0),
    /** How many attempts failed, and will be followed by another attempt. */
    retried: bigint("retried", { mode: "number" }).notNull().default(0),
    /** How many runs were taken back from a worker whose lease had ended. */
    crashed: bigint("crashed", { mode: "number" }).notNull().default(0),
    /** How many writes were refused, because the run had lost its lease. */
    refused: bigint("refused", { mode: "number" }).notNull().default(0),
    /** How many jobs were due when one of the workers last counted, up to 10,000. NULL: nobody counted. */
    due: integer("due"),
    /** How long the oldest due job had waited then, in ms. NULL: no job was due. */
    oldestDueMs: bigint("oldest_due_ms", { mode: "number" }),
    /** How many jobs were running then. */
    running: integer("running"),
  },
  (table) => [
    // Serves the addition to a minute, the reading of the last hours, and the deletion of old rows.
    primaryKey({ name: "queue_minutes_pkey", columns: [table.minute, table.queue] }),
  ],
);
