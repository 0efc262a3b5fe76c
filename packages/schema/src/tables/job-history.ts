import { getTableColumns, sql } from "drizzle-orm";
import { bigint, integer, jsonb, smallint, text, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";
import type { JobState } from "../job-state.ts";
import type { KeyScope } from "../key-scope.ts";
import { jobs } from "./jobs.ts";

/**
 * Completed jobs. The statement that completes a job moves the job here, so that the table for claims stays small.
 * Jobs with an idempotency key or a schedule stay in `jobs` until they are pruned: their keys must stay taken.
 * The table has no defaults and only the primary key: a row is written once, from a row of `jobs`.
 */
export const jobHistory = millraceSchema.table("job_history", {
  id: uuid("id").primaryKey(),
  queue: varchar("queue", { length: 100 }).notNull(),
  type: varchar("type", { length: 100 }).notNull(),
  payload: jsonb("payload").notNull(),
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
  completedAt: instant("completed_at").notNull(),
  output: jsonb("output"),
});

/** Every job, running, waiting or ended, with the columns of `jobs`: the view for readers. */
export const allJobs = millraceSchema.view("all_jobs").as((query) => {
  const live = getTableColumns(jobs);
  const done = jobHistory;
  const none = <T>(type: string, name: string) => sql<T | null>`NULL::${sql.raw(type)}`.as(name);
  return query
    .select(live)
    .from(jobs)
    .unionAll(
      query
        .select({
          id: sql<string>`${done.id}`.as("id"),
          queue: sql<string>`${done.queue}`.as("queue"),
          type: sql<string>`${done.type}`.as("type"),
          payload: sql<unknown>`${done.payload}`.as("payload"),
          state: sql<JobState>`'completed'::varchar(20)`.as("state"),
          priority: sql<number>`${done.priority}`.as("priority"),
          runAt: sql<Date>`${done.runAt}`.as("run_at"),
          leaseUntil: none<Date>("timestamptz", "lease_until"),
          leaseToken: sql<number>`${done.leaseToken}`.as("lease_token"),
          workerId: sql<string | null>`${done.workerId}`.as("worker_id"),
          attempts: sql<number>`${done.attempts}`.as("attempts"),
          maxAttempts: sql<number>`${done.maxAttempts}`.as("max_attempts"),
          crashes: sql<number>`${done.crashes}`.as("crashes"),
          lastError: sql<string | null>`${done.lastError}`.as("last_error"),
          lastRunAt: sql<Date | null>`${done.lastRunAt}`.as("last_run_at"),
          idempotencyKey: none<string>("varchar(255)", "idempotency_key"),
          scheduleId: none<string>("uuid", "schedule_id"),
          createdAt: sql<Date>`${done.createdAt}`.as("created_at"),
          updatedAt: sql<Date>`${done.completedAt}`.as("updated_at"),
          completedAt: sql<Date | null>`${done.completedAt}`.as("completed_at"),
          canceledAt: none<Date>("timestamptz", "canceled_at"),
          cancelRequestedAt: none<Date>("timestamptz", "cancel_requested_at"),
          keyScope: none<KeyScope>("varchar(20)", "key_scope"),
          keyUntil: none<Date>("timestamptz", "key_until"),
          progress: none<unknown>("jsonb", "progress"),
          output: sql<unknown>`${done.output}`.as("output"),
        })
        .from(done),
    );
});
