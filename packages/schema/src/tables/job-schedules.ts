import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  smallint,
  unique,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";
import { createdAndUpdated, idColumn, instant, literalList, millraceSchema } from "../columns.ts";
import {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
} from "../schedule-policy.ts";

/** A cron expression in a time zone, or an interval, and the job that each tick enqueues. */
export const jobSchedules = millraceSchema.table(
  "job_schedules",
  {
    id: idColumn(),
    name: varchar("name", { length: 100 }).notNull(),
    jobType: varchar("job_type", { length: 100 }).notNull(),
    queue: varchar("queue", { length: 100 }).notNull().default("default"),
    payload: jsonb("payload").notNull().default({}),
    priority: smallint("priority").notNull().default(0),
    /** NULL for a schedule that ticks at an interval. */
    cronExpr: varchar("cron_expr", { length: 100 }),
    /** The interval between two ticks, in ms. NULL for a schedule with an expression. */
    everyMs: bigint("every_ms", { mode: "number" }),
    /** The instant from which an interval counts. NULL: `created_at`. */
    anchor: instant("anchor"),
    /** An IANA time zone. An interval does not follow the zone. */
    timezone: varchar("timezone", { length: 50 }).notNull().default("UTC"),
    enabled: boolean("enabled").notNull().default(true),
    maxAttempts: integer("max_attempts").notNull().default(10),
    misfire: varchar("misfire", { length: 20 }).$type<MisfirePolicy>().notNull().default("latest"),
    overlap: varchar("overlap", { length: 20 }).$type<OverlapPolicy>().notNull().default("allow"),
    /** The most that a job may be delayed after its tick, in ms. Each tick has a delay of its own below this value. */
    jitterMs: integer("jitter_ms").notNull().default(0),
    /** No tick before this instant. */
    startsAt: instant("starts_at"),
    /** No tick at or after this instant. */
    endsAt: instant("ends_at"),
    /** The schedule ends after so many jobs. NULL: the schedule has no such end. */
    maxRuns: integer("max_runs"),
    /** How many jobs the ticks have made. */
    runs: integer("runs").notNull().default(0),
    /** The values that code last declared for this schedule. NULL for a schedule that an operator made. */
    declared: jsonb("declared"),
    /** The next tick. NULL: a scheduler will compute the next tick from now. `infinity`: no tick follows. */
    nextRunAt: instant("next_run_at"),
    /** The last tick whose outcome was recorded, with or without a job. */
    lastRunAt: instant("last_run_at"),
    ...createdAndUpdated(),
  },
  (table) => [
    unique("job_schedules_name_key").on(table.name),
    // Serves the scheduler: finds the due schedules, and the next instant at which to wake.
    index("job_schedules_due_idx").on(table.nextRunAt).where(sql`enabled`),
    check("job_schedules_max_attempts_check", sql`max_attempts >= 1`),
    // At most a day, in ms.
    check("job_schedules_jitter_check", sql`jitter_ms BETWEEN 0 AND 86400000`),
    check(
      "job_schedules_cadence_check",
      sql`(cron_expr IS NULL) <> (every_ms IS NULL) AND (anchor IS NULL OR every_ms IS NOT NULL)`,
    ),
    // From a second to a hundred years, in ms.
    check("job_schedules_every_check", sql`every_ms BETWEEN 1000 AND 3155760000000`),
    check("job_schedules_runs_check", sql`max_runs >= 1 AND runs >= 0`),
    check("job_schedules_window_check", sql`starts_at < ends_at`),
    check("job_schedules_misfire_check", sql`misfire IN (${literalList(MISFIRE_POLICIES)})`),
    check("job_schedules_overlap_check", sql`overlap IN (${literalList(OVERLAP_POLICIES)})`),
  ],
);

/**
 * The schedules for readers who may see no payloads: `payload` is NULL, and `declared` is true for a schedule that code
 * declared. Both have the types that they have in the table, so that one statement can read either relation.
 */
export const scheduleEntries = millraceSchema
  .view("schedule_entries", {
    id: uuid("id").notNull(),
    name: varchar("name", { length: 100 }).notNull(),
    jobType: varchar("job_type", { length: 100 }).notNull(),
    queue: varchar("queue", { length: 100 }).notNull(),
    payload: jsonb("payload"),
    priority: smallint("priority").notNull(),
    cronExpr: varchar("cron_expr", { length: 100 }),
    everyMs: bigint("every_ms", { mode: "number" }),
    anchor: instant("anchor"),
    timezone: varchar("timezone", { length: 50 }).notNull(),
    enabled: boolean("enabled").notNull(),
    maxAttempts: integer("max_attempts").notNull(),
    misfire: varchar("misfire", { length: 20 }).$type<MisfirePolicy>().notNull(),
    overlap: varchar("overlap", { length: 20 }).$type<OverlapPolicy>().notNull(),
    jitterMs: integer("jitter_ms").notNull(),
    startsAt: instant("starts_at"),
    endsAt: instant("ends_at"),
    maxRuns: integer("max_runs"),
    runs: integer("runs").notNull(),
    declared: jsonb("declared"),
    nextRunAt: instant("next_run_at"),
    lastRunAt: instant("last_run_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  })
  .as(sql`
SELECT s.id, s.name, s.job_type, s.queue, NULL::jsonb AS payload, s.priority, s.cron_expr, s.every_ms, s.anchor,
       s.timezone, s.enabled, s.max_attempts, s.misfire, s.overlap, s.jitter_ms, s.starts_at, s.ends_at, s.max_runs,
       s.runs, CASE WHEN s.declared IS NOT NULL THEN 'true'::jsonb END AS declared, s.next_run_at, s.last_run_at,
       s.created_at, s.updated_at
FROM ${jobSchedules} s`);

/** A row of `millrace.job_schedules`, as Drizzle reads it. */
export type JobScheduleRow = typeof jobSchedules.$inferSelect;
