import { sql } from "drizzle-orm";
import {
  bigint,
  index,
  integer,
  jsonb,
  primaryKey,
  smallint,
  text,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";
import type { JobSettings } from "../job-settings.ts";

/**
 * The running jobs. A row is one claim: up to 128 jobs of one queue and priority.
 * - One update extends the lease of all jobs of the claim.
 * - Each write about a running job names the claim's token, and requires that the job is still open in the claim.
 * - Only the worker and recovery write or lock these rows.
 *
 * Each array has one element for each job, in the same order: `unnest` turns the arrays into rows. If every element of
 * an array would be NULL, the column is NULL.
 *
 * One array of rows would not do: PostgreSQL refuses `ADD COLUMN ... DEFAULT` on a table whose row type is in use.
 */
export const claims = millraceSchema.table(
  "claims",
  {
    /** Fences every write about the claim's jobs. Each new claim of a job has a greater token. */
    leaseToken: bigint("lease_token", { mode: "number" }).notNull(),
    /** Makes the primary key unique: two claims of the same microsecond may have the same token. */
    id: uuid("id").notNull().defaultRandom(),
    workerId: varchar("worker_id", { length: 100 }).notNull(),
    queue: varchar("queue", { length: 100 }).notNull(),
    priority: smallint("priority").notNull(),
    leaseUntil: instant("lease_until").notNull(),
    /** When the runs began. NULL for a suspect that has not begun. */
    begunAt: instant("begun_at"),
    updatedAt: instant("updated_at").notNull().defaultNow(),
    /** Which jobs are still running, by their place in the arrays, from 1. NULL: all of them. */
    open: smallint("open").array(),
    ids: uuid("ids").array().notNull(),
    types: varchar("types", { length: 100 }).array().notNull(),
    /** NULL in place of a large payload, which `job_payloads` has. */
    payloads: jsonb("payloads").array().notNull(),
    runAts: instant("run_ats").array().notNull(),
    createdAts: instant("created_ats").array().notNull(),
    attempts: integer("attempts").array().notNull(),
    maxAttempts: integer("max_attempts").array().notNull(),
    crashes: integer("crashes").array().notNull(),
    lastErrors: text("last_errors").array(),
    idempotencyKeys: varchar("idempotency_keys", { length: 255 }).array(),
    scheduleIds: uuid("schedule_ids").array(),
    progress: jsonb("progress").array(),
    settings: jsonb("settings").$type<JobSettings>().array(),
  },
  (table) => [
    // Serves every write about a running job, which names the token.
    primaryKey({ name: "claims_pkey", columns: [table.leaseToken, table.id] }),
    // Serves recovery, which finds expired leases.
    index("claims_lease_idx").on(table.leaseUntil),
    // Serves the overlap policy of schedules.
    index("claims_schedule_idx").on(table.leaseToken).where(sql`schedule_ids IS NOT NULL`),
  ],
);
