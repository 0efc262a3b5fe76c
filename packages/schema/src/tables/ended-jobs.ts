import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, smallint, text, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, literalList, millraceSchema } from "../columns.ts";
import type { JobSettings } from "../job-settings.ts";
import { FINAL_STATES, type FinalState } from "../job-state.ts";

/**
 * The jobs that have ended: completed, failed and canceled. A row is never updated. Pruning deletes the row, or a retry
 * moves the job back to `waiting_jobs`. Only the primary key has all jobs, because an index costs a write for every
 * job.
 */
export const endedJobs = millraceSchema.table(
  "ended_jobs",
  {
    id: uuid("id").primaryKey(),
    queue: varchar("queue", { length: 100 }).notNull(),
    type: varchar("type", { length: 100 }).notNull(),
    /** NULL when the payload is large: then `job_payloads` has the payload. */
    payload: jsonb("payload"),
    priority: smallint("priority").notNull(),
    runAt: instant("run_at").notNull(),
    leaseToken: bigint("lease_token", { mode: "number" }).notNull(),
    workerId: varchar("worker_id", { length: 100 }),
    attempts: integer("attempts").notNull(),
    maxAttempts: integer("max_attempts").notNull(),
    crashes: integer("crashes").notNull(),
    lastError: text("last_error"),
    lastRunAt: instant("last_run_at"),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at").notNull(),
    /** The value that the handler returned. */
    output: jsonb("output"),
    state: varchar("state", { length: 20 }).$type<FinalState>().notNull(),
    /** The key that the job was enqueued with. `job_keys` says whether the job still has the key. */
    idempotencyKey: varchar("idempotency_key", { length: 255 }),
    /** The schedule that made the job. The schedule may have been deleted since. */
    scheduleId: uuid("schedule_id"),
    /** The progress that a handler last wrote. */
    progress: jsonb("progress"),
    /** What few jobs have: see `JobSettings`. */
    settings: jsonb("settings").$type<JobSettings>(),
  },
  (table) => [
    // Serves the search for failed and canceled jobs among many completed ones. Completed jobs are not in the index.
    index("ended_jobs_not_completed_idx").on(table.id).where(sql`state <> 'completed'`),
    // Serves the search for a tag. Jobs without tags are not in the index.
    index("ended_jobs_tags_idx")
      .using("gin", sql`(settings -> 'tags') jsonb_path_ops`)
      .where(sql`(settings -> 'tags') IS NOT NULL`),
    check("ended_jobs_state_check", sql`state IN (${literalList(FINAL_STATES)})`),
  ],
);
