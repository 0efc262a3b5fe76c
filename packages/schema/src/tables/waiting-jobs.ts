import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, smallint, text, uuid, varchar } from "drizzle-orm/pg-core";
import { createdAndUpdated, idColumn, instant, millraceSchema } from "../columns.ts";
import type { JobSettings } from "../job-settings.ts";

/**
 * The queued jobs: due now, due later, or in backoff. A claim deletes a job's row here. If the run does not end the
 * job, the row is inserted again.
 */
export const waitingJobs = millraceSchema.table(
  "waiting_jobs",
  {
    id: idColumn(),
    queue: varchar("queue", { length: 100 }).notNull().default("default"),
    type: varchar("type", { length: 100 }).notNull(),
    /** NULL when the payload is large: then `job_payloads` has the payload. */
    payload: jsonb("payload").default({}),
    /** Jobs with a smaller priority run first. */
    priority: smallint("priority").notNull().default(0),
    /** The earliest instant at which the job may run. `infinity`: the job waits for something other than time. */
    runAt: instant("run_at").notNull().defaultNow(),
    /** The token of the job's last claim; 0 when the job was never claimed. The next claim's token is greater. */
    leaseToken: bigint("lease_token", { mode: "number" }).notNull().default(0),
    /** The worker that claimed the job last. */
    workerId: varchar("worker_id", { length: 100 }),
    attempts: integer("attempts").notNull().default(0),
    maxAttempts: integer("max_attempts").notNull().default(10),
    /** The number of runs whose lease ran out. Crashes are counted apart from attempts that failed. */
    crashes: integer("crashes").notNull().default(0),
    lastError: text("last_error"),
    lastRunAt: instant("last_run_at"),
    /** The key that the job was enqueued with. `job_keys` says whether the job still has the key. */
    idempotencyKey: varchar("idempotency_key", { length: 255 }),
    /** The schedule that made the job. The schedule may have been deleted since. */
    scheduleId: uuid("schedule_id"),
    ...createdAndUpdated(),
    /** The progress that a handler last wrote. */
    progress: jsonb("progress"),
    /** What few jobs have: see `JobSettings`. */
    settings: jsonb("settings").$type<JobSettings>(),
  },
  (table) => [
    // Serves the claim: within a queue by priority, then by due time, then by id. The type is in the index, so that a
    // claim can skip the types that the worker does not know without reading the rows.
    index("waiting_jobs_claim_idx").on(table.queue, table.priority, table.runAt, table.id, table.type),
    // Serves the overlap policy of schedules.
    index("waiting_jobs_schedule_idx").on(table.scheduleId).where(sql`schedule_id IS NOT NULL`),
    // Serves the search for a tag. Jobs without tags are not in the index.
    index("waiting_jobs_tags_idx")
      .using("gin", sql`(settings -> 'tags') jsonb_path_ops`)
      .where(sql`(settings -> 'tags') IS NOT NULL`),
    // Serves the cancel of jobs that did not start in time.
    index("waiting_jobs_start_by_idx")
      .on(sql`((settings ->> 'startBy')::bigint)`)
      .where(sql`(settings ->> 'startBy') IS NOT NULL`),
    // Serves the end of a job that another job of the same key waits for.
    index("waiting_jobs_after_idx")
      .on(sql`(settings ->> 'after')`)
      .where(sql`(settings ->> 'after') IS NOT NULL`),
    check("waiting_jobs_max_attempts_check", sql`max_attempts >= 1`),
  ],
);
