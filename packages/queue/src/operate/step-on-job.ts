import type { Executor } from "@millrace/base";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { Job, JsonValue } from "../job/job.ts";
import type { AuditedState } from "./audit-entry.ts";
import type { AuditedCommand } from "./auditor.ts";
import type { JobChange } from "./change-job.ts";
import { checkId } from "./check-id.ts";
import { lockJob } from "./lock-job.sql.ts";
import { findJob } from "./read-jobs.sql.ts";

/** A job as a recorded command found it. */
export interface FoundJob {
  job: Job;
  /** Whether the job was queued, and due later. */
  isLater: boolean;
}

/** What a command on one queued or ended job does. */
export interface JobStep<Result> {
  id: string;
  options: InTransaction;
  work(db: Executor): Promise<Result>;
  /** What to record of the job as it was before; null if the command changed nothing. */
  beforeOf(found: FoundJob): AuditedState | null;
}

/**
 * Runs a command on one queued or ended job. If the command is recorded, locks and reads the job first: then the record
 * has what the command changed, and nothing that another command changed meanwhile.
 */
export async function stepOnJob<Result>(
  command: AuditedCommand,
  { id, options, work, beforeOf }: JobStep<Result>,
): Promise<Result> {
  const done = await command.step(
    async (db) => ({ found: command.isRecorded ? await lockAndFind(db, id) : null, result: await work(db) }),
    ({ found }) => {
      const before = found === null ? null : beforeOf(found);
      return before === null ? { changed: 0, before: [] } : { changed: 1, before: [before] };
    },
    options,
  );
  return done.result;
}

async function lockAndFind(db: Executor, id: string): Promise<FoundJob | null> {
  const locked = await lockJob(db, checkId("id", id));
  const job = locked === null ? null : await findJob(db, id);
  return locked === null || job === null ? null : { job, ...locked };
}

/** The state of a job, for the record of a command that changes the state. */
export const stateBefore = ({ job: { id, state } }: FoundJob): AuditedState => ({ id, state });

/** When a job was due, for the record of `runNow`; null for a job that was due already. */
export const timeBefore = ({ job: { id, state, runAt }, isLater }: FoundJob): AuditedState | null =>
  isLater ? { id, state, runAt: runAt?.toISOString() ?? null } : null;

/** For each field of a change: the field of the job that it changes. */
const CHANGED_FIELDS: { readonly [Name in keyof JobChange]-?: keyof Job } = {
  payload: "payload",
  runAt: "runAt",
  delayMs: "runAt",
  priority: "priority",
  queue: "queue",
  maxAttempts: "maxAttempts",
  idempotencyKey: "idempotencyKey",
  tags: "tags",
  metadata: "metadata",
};

/** The old values of what a change changes. */
export function valuesBefore({ job }: FoundJob, change: JobChange): AuditedState {
  const old = Object.keys(change).map((name) => {
    const field = CHANGED_FIELDS[name as keyof JobChange];
    const value = job[field];
    return [field, value instanceof Date ? value.toISOString() : (value as JsonValue)] as const;
  });
  return { id: job.id, state: job.state, ...Object.fromEntries(old) };
}
