import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  smallint,
  text,
  uniqueIndex,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";
import { createdAndUpdated, idColumn, instant, literalList, millraceSchema } from "../columns.ts";
import { JOB_STATES, type JobState } from "../job-state.ts";
import { KEY_SCOPES, type KeyScope } from "../key-scope.ts";
import { jobSchedules } from "./job-schedules.ts";

/** One job: a type, a payload and a state. The queue's statements write jobs, and so may any SQL producer. */
export const jobs = millraceSchema.table(
  "jobs",
  {
    id: idColumn(),
    queue: varchar("queue", { length: 100 }).notNull().default("default"),
    type: varchar("type", { length: 100 }).notNull(),
    payload: jsonb("payload").notNull().default({}),
    state: varchar("state", { length: 20 }).$type<JobState>().notNull().default("queued"),
    /** Jobs with a smaller priority run first. */
    priority: smallint("priority").notNull().default(0),
    /** The job runs not before this instant. With `infinity`, the job waits for something other than time. */
    runAt: instant("run_at").notNull().defaultNow(),
    /** The instant at which the lease ends. */
    leaseUntil: instant("lease_until"),
    /** The token grows with every claim and never goes back. The token fences every write about a running job. */
    leaseToken: bigint("lease_token", { mode: "number" }).notNull().default(0),
    workerId: varchar("worker_id", { length: 100 }),
    attempts: integer("attempts").notNull().default(0),
    maxAttempts: integer("max_attempts").notNull().default(3),
    /** The number of runs whose lease ran out. Crashes are counted apart from attempts that failed. */
    crashes: integer("crashes").notNull().default(0),
    lastError: text("last_error"),
    lastRunAt: instant("last_run_at"),
    idempotencyKey: varchar("idempotency_key", { length: 255 }),
    scheduleId: uuid("schedule_id").references(() => jobSchedules.id, { onDelete: "set null" }),
    ...createdAndUpdated(),
    completedAt: instant("completed_at"),
    canceledAt: instant("canceled_at"),
    /** When somebody asked the running job to stop. */
    cancelRequestedAt: instant("cancel_requested_at"),
    /** How long the key stays taken. NULL: until the job is pruned. */
    keyScope: varchar("key_scope", { length: 20 }).$type<KeyScope>(),
    /** The instant at which a key of the scope `period` becomes free. */
    keyUntil: instant("key_until"),
    /** The progress that the handler last wrote. */
    progress: jsonb("progress"),
    /** The value that the handler returned. */
    output: jsonb("output"),
  },
  (table) => [
    // Serves the claim, in the order of claims: within a queue by priority, then by due time, then by id.
    // The type comes last, so that a claim skips jobs of types that its worker does not know without reading their
    // rows.
    index("jobs_claimable_idx")
      .on(table.queue, table.priority, table.runAt, table.id, table.type)
      .where(sql`state = 'queued'`),
    // Serves recovery, which finds expired leases.
    index("jobs_lease_idx").on(table.leaseUntil).where(sql`state = 'running'`),
    // Serves the enqueue: one job per key.
    uniqueIndex("jobs_idempotency_key_idx").on(table.idempotencyKey).where(sql`idempotency_key IS NOT NULL`),
    // Serves the overlap policy, and the deletion of a schedule (ON DELETE SET NULL).
    index("jobs_schedule_idx").on(table.scheduleId).where(sql`schedule_id IS NOT NULL`),
    check("jobs_state_check", sql`state IN (${literalList(JOB_STATES)})`),
    check("jobs_key_scope_check", sql`key_scope IN (${literalList(KEY_SCOPES)})`),
    check("jobs_max_attempts_check", sql`max_attempts >= 1`),
    // A running job without a lease could never be recovered.
    check("jobs_lease_check", sql`state <> 'running' OR lease_until IS NOT NULL`),
    check("jobs_completed_at_check", sql`(state = 'completed') = (completed_at IS NOT NULL)`),
    check("jobs_canceled_at_check", sql`(state = 'canceled') = (canceled_at IS NOT NULL)`),
  ],
);

/** A row of `millrace.jobs`, as Drizzle reads it. */
export type JobRow = typeof jobs.$inferSelect;
