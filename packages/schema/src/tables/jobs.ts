import { type SQL, sql } from "drizzle-orm";
import { bigint, integer, jsonb, smallint, text, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";
import type { JobSettings } from "../job-settings.ts";
import type { JobState } from "../job-state.ts";
import { cancelRequests } from "./cancel-requests.ts";
import { claims } from "./claims.ts";
import { endedJobs } from "./ended-jobs.ts";
import { jobKeys } from "./job-keys.ts";
import { jobPayloads } from "./job-payloads.ts";
import { jobSchedules } from "./job-schedules.ts";
import { waitingJobs } from "./waiting-jobs.ts";

/** Returns the columns of a job. Each view needs column objects of its own, so this is a function. */
const jobColumns = () => ({
  id: uuid("id").notNull(),
  queue: varchar("queue", { length: 100 }).notNull(),
  type: varchar("type", { length: 100 }).notNull(),
  payload: jsonb("payload").notNull(),
  state: varchar("state", { length: 20 }).$type<JobState>().notNull(),
  priority: smallint("priority").notNull(),
  runAt: instant("run_at").notNull(),
  leaseUntil: instant("lease_until"),
  leaseToken: bigint("lease_token", { mode: "number" }).notNull(),
  workerId: varchar("worker_id", { length: 100 }),
  attempts: integer("attempts").notNull(),
  maxAttempts: integer("max_attempts").notNull(),
  crashes: integer("crashes").notNull(),
  lastError: text("last_error"),
  lastRunAt: instant("last_run_at"),
  idempotencyKey: varchar("idempotency_key", { length: 255 }),
  scheduleId: uuid("schedule_id"),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
  completedAt: instant("completed_at"),
  canceledAt: instant("canceled_at"),
  /** When somebody asked the running job to stop. */
  cancelRequestedAt: instant("cancel_requested_at"),
  progress: jsonb("progress"),
  output: jsonb("output"),
});

/** What a job's settings say. The views have these columns last: PostgreSQL adds columns of a view only at its end. */
const settingsColumns = () => ({
  /** What few jobs have: see `JobSettings`. NULL for all others. */
  settings: jsonb("settings").$type<JobSettings>(),
  /** An array of text. */
  tags: jsonb("tags").$type<readonly string[]>(),
  metadata: jsonb("metadata"),
  startBy: instant("start_by"),
  /** The tick of the schedule that made the job. */
  tickAt: instant("tick_at"),
});

/** A job's payload: in the job's row, or in `job_payloads` if the payload is large. */
const payload = (job: SQL) =>
  sql`coalesce(${job}.payload, (SELECT p.payload FROM ${jobPayloads} p WHERE p.job_id = ${job}.id)) AS payload`;

/** The schedule of a job. NULL once the schedule is deleted. */
const scheduleId = (job: SQL) =>
  sql`(SELECT s.id FROM ${jobSchedules} s WHERE s.id = ${job}.schedule_id) AS schedule_id`;

/** The idempotency key that a job has now. NULL once another job has the key. */
const key = (job: SQL) =>
  sql`(SELECT k.key FROM ${jobKeys} k WHERE k.key = ${job}.idempotency_key AND k.job_id = ${job}.id)
         AS idempotency_key`;

/** What a job's settings say, as columns. */
const settings = (job: SQL) =>
  sql`${job}.settings, ${job}.settings -> 'tags' AS tags, ${job}.settings -> 'metadata' AS metadata,
       to_timestamp((${job}.settings ->> 'startBy')::float8 / 1000) AS start_by,
       to_timestamp((${job}.settings ->> 'tickAt')::float8 / 1000) AS tick_at`;

/**
 * The running jobs, one row each, with the columns of `jobs`. `claim_ids` has the ids of all jobs of the claim. To read
 * one job, add `$1 = ANY(claim_ids)` to `id = $1`: then PostgreSQL unpacks only the claim that has the job.
 */
export const runningJobs = millraceSchema
  .view("running_jobs", {
    ...jobColumns(),
    claimIds: uuid("claim_ids").array().notNull(),
    ...settingsColumns(),
  })
  .as(sql`
SELECT job.id, c.queue, job.type::varchar(100) AS type, ${payload(sql`job`)}, 'running'::varchar(20) AS state,
       c.priority, job.run_at, c.lease_until, c.lease_token, c.worker_id, job.attempts, job.max_attempts, job.crashes,
       job.last_error, c.begun_at AS last_run_at, ${key(sql`job`)},
       ${scheduleId(sql`job`)}, job.created_at, c.updated_at, NULL::timestamptz AS completed_at,
       NULL::timestamptz AS canceled_at,
       (SELECT r.requested_at FROM ${cancelRequests} r WHERE r.job_id = job.id) AS cancel_requested_at, job.progress,
       NULL::jsonb AS output, c.ids AS claim_ids, ${settings(sql`job`)}
FROM ${claims} c,
     LATERAL unnest(c.ids, c.types, c.payloads, c.run_ats, c.created_ats, c.attempts, c.max_attempts, c.crashes,
                    c.last_errors, c.idempotency_keys, c.schedule_ids, c.progress, c.settings)
       WITH ORDINALITY AS job(id, type, payload, run_at, created_at, attempts, max_attempts, crashes,
                              last_error, idempotency_key, schedule_id, progress, settings, place)
WHERE c.open IS NULL OR job.place = ANY(c.open)`);

/**
 * Every job, queued, running or ended. This is the view for readers. A job is in one place at a time, so a statement
 * sees each job once. `INSERT INTO millrace.jobs` enqueues a job. All other changes need the queue's commands.
 */
export const jobs = millraceSchema.view("jobs", { ...jobColumns(), ...settingsColumns() }).as(sql`
SELECT w.id, w.queue, w.type, ${payload(sql`w`)}, 'queued'::varchar(20) AS state, w.priority, w.run_at,
       NULL::timestamptz AS lease_until, w.lease_token, w.worker_id, w.attempts, w.max_attempts, w.crashes,
       w.last_error, w.last_run_at, ${key(sql`w`)}, ${scheduleId(sql`w`)}, w.created_at, w.updated_at,
       NULL::timestamptz AS completed_at, NULL::timestamptz AS canceled_at, NULL::timestamptz AS cancel_requested_at,
       w.progress, NULL::jsonb AS output, ${settings(sql`w`)}
FROM ${waitingJobs} w
UNION ALL
SELECT r.id, r.queue, r.type, r.payload, r.state, r.priority, r.run_at, r.lease_until, r.lease_token, r.worker_id,
       r.attempts, r.max_attempts, r.crashes, r.last_error, r.last_run_at, r.idempotency_key, r.schedule_id,
       r.created_at, r.updated_at, r.completed_at, r.canceled_at, r.cancel_requested_at, r.progress, r.output,
       r.settings, r.tags, r.metadata, r.start_by, r.tick_at
FROM ${runningJobs} r
UNION ALL
SELECT e.id, e.queue, e.type, ${payload(sql`e`)}, e.state, e.priority, e.run_at, NULL, e.lease_token, e.worker_id,
       e.attempts, e.max_attempts, e.crashes, e.last_error, e.last_run_at, ${key(sql`e`)}, ${scheduleId(sql`e`)},
       e.created_at, e.ended_at, CASE WHEN e.state = 'completed' THEN e.ended_at END,
       CASE WHEN e.state = 'canceled' THEN e.ended_at END, NULL, e.progress, e.output, ${settings(sql`e`)}
FROM ${endedJobs} e`);

/** A row of `millrace.jobs`, as Drizzle reads it. */
export type JobRow = typeof jobs.$inferSelect;
