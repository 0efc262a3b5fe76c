import { sql } from "drizzle-orm";
import { check, primaryKey, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, literalList, millraceSchema } from "../columns.ts";
import { TICK_OUTCOMES, type TickOutcome } from "../schedule-policy.ts";
import { jobSchedules } from "./job-schedules.ts";

/** The last ticks of each schedule, one row per tick with its outcome. A scheduler deletes the oldest rows. */
export const jobScheduleTicks = millraceSchema.table(
  "job_schedule_ticks",
  {
    scheduleId: uuid("schedule_id")
      .notNull()
      .references(() => jobSchedules.id, { onDelete: "cascade" }),
    tickAt: instant("tick_at").notNull(),
    outcome: varchar("outcome", { length: 20 }).$type<TickOutcome>().notNull(),
    /** The job that the tick made, or the older job that had the tick's key. The job may have been deleted since. */
    jobId: uuid("job_id"),
    recordedAt: instant("recorded_at").notNull().defaultNow(),
  },
  (table) => [
    // Serves the statements that read a schedule's last ticks, and the deletion of a schedule with its ticks.
    primaryKey({ name: "job_schedule_ticks_pkey", columns: [table.scheduleId, table.tickAt] }),
    check("job_schedule_ticks_outcome_check", sql`outcome IN (${literalList(TICK_OUTCOMES)})`),
  ],
);

/** A row of `millrace.job_schedule_ticks`, as Drizzle reads it. */
export type JobScheduleTickRow = typeof jobScheduleTicks.$inferSelect;
