import { sql } from "drizzle-orm";
import { bigint, check, integer, primaryKey, text, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, literalList, millraceSchema } from "../columns.ts";
import { ATTEMPT_OUTCOMES, type AttemptOutcome } from "../job-state.ts";

/**
 * One row per attempt that did not complete its job. An attempt that completes its job writes no row. There is no
 * foreign key, because a job moves between tables. The statements that delete a job delete its attempts, too.
 */
export const jobAttempts = millraceSchema.table(
  "job_attempts",
  {
    jobId: uuid("job_id").notNull(),
    /** The lease token of the claim that began the attempt. No two attempts of a job have the same token. */
    leaseToken: bigint("lease_token", { mode: "number" }).notNull(),
    attempt: integer("attempt").notNull(),
    workerId: varchar("worker_id", { length: 100 }),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at").notNull().defaultNow(),
    outcome: varchar("outcome", { length: 20 }).$type<AttemptOutcome>().notNull(),
    /** The error's message, code, stack and causes. */
    error: text("error"),
  },
  (table) => [
    // Serves the statements that read and prune a job's attempts.
    primaryKey({ name: "job_attempts_pkey", columns: [table.jobId, table.leaseToken] }),
    check("job_attempts_outcome_check", sql`outcome IN (${literalList(ATTEMPT_OUTCOMES)})`),
  ],
);

/** A row of `millrace.job_attempts`, as Drizzle reads it. */
export type JobAttemptRow = typeof jobAttempts.$inferSelect;
