import type { JobState } from "@millrace/schema/values";
import type { Job } from "../job/job.ts";

/** Why a job is not running, where it runs, or what became of it. Instants are by the database's clock. */
export interface JobExplanation {
  job: Job;
  /** All reasons that hold, the most important one first. Never empty. */
  reasons: JobReason[];
}

/** A reason: a code that stays the same in all releases, its figures, and a text for people. */
export type JobReason = (QueuedReason | RunningReason | EndedReason | OldTransactionReason) & {
  text: string;
};

/** Why a queued job is not running. */
export type QueuedReason =
  /** The job is due later. */
  | { code: "not-due"; runAt: Date; dueInMs: number }
  /** The last attempt failed or crashed, and the next one is due later. `lastError` is its first line. */
  | {
      code: "backing-off";
      runAt: Date;
      dueInMs: number;
      attempts: number;
      maxAttempts: number;
      crashes: number;
      lastError: string | null;
    }
  /** One job of a key runs at a time: the job waits for the end of this one. `state` is null once that job is gone. */
  | { code: "waits-for-job"; jobId: string; state: JobState | null }
  /** The job has no time at which it is due, and waits for no job. `runNow` makes it due. */
  | { code: "no-run-at" }
  | { code: "queue-paused"; queue: string; pausedAt: Date }
  /**
   * No worker that was seen in the last 30 s claims from the job's queue. `workers` is the number of all living
   * workers.
   */
  | { code: "no-worker-for-queue"; queue: string; workers: number }
  /** `workers` living workers claim from the job's queue, and none of them has a task for the job's type. */
  | { code: "no-worker-for-type"; queue: string; type: string; workers: number }
  /** `workers` living workers could run the job, and the programs of all of them have paused them. */
  | { code: "workers-paused"; workers: number }
  /** The job may not start any more, and is canceled soon. */
  | { code: "start-by-passed"; startBy: Date }
  /** If the job has not started by this instant, it is canceled. */
  | { code: "start-by"; startBy: Date; leftMs: number }
  /**
   * A transaction that has not ended has locked the job. Claims pass the job over. Its figures are null if PostgreSQL
   * does not say which transaction it is.
   */
  | ({ code: "row-locked" } & { [Name in keyof TransactionFigures]: TransactionFigures[Name] | null })
  /**
   * `workers` living workers could run the job. They run `slots` jobs at a time, and have claimed `running` jobs now.
   * `slots` is null if a worker of an older release does not tell. `before` due jobs of the queue come first; if
   * `beforeIsCut`, there may be more.
   */
  | {
      code: "workers-busy";
      workers: number;
      slots: number | null;
      running: number;
      before: number;
      beforeIsCut: boolean;
      dueForMs: number;
    }
  /** Nothing holds the job back: one of `workers` living workers takes it when it looks next. */
  | { code: "due-now"; workers: number; dueForMs: number }
  /** The job crashed this often: a worker runs it alone, once its other jobs have ended. */
  | { code: "suspect"; crashes: number };

/** Where and since when a job runs. */
export type RunningReason =
  | {
      code: "running";
      workerId: string;
      startedAt: Date;
      runningForMs: number;
      leaseUntil: Date;
      attempt: number;
      maxAttempts: number;
    }
  /** A worker has claimed the job, which crashed often, and begins it once its other jobs have ended. */
  | { code: "waits-to-run-alone"; workerId: string; crashes: number; leaseUntil: Date }
  | { code: "cancel-requested"; requestedAt: Date }
  /** The lease ended: any living worker takes the job back, and queues it again. */
  | { code: "lease-ended"; leaseUntil: Date; endedForMs: number; livingWorkers: number }
  /** The job's worker was not seen in the last 30 s. `seenAt` is null if the worker has no row in `workers`. */
  | { code: "worker-not-seen"; workerId: string; seenAt: Date | null };

/** What became of a job. */
export type EndedReason =
  | { code: "completed"; at: Date; attempts: number }
  /** `lastError` is the error's first line. */
  | {
      code: "failed";
      at: Date;
      attempts: number;
      maxAttempts: number;
      crashes: number;
      lastError: string | null;
    }
  | { code: "canceled"; at: Date; attempts: number }
  /** The job was canceled, because it had not started by this instant. */
  | { code: "not-started-in-time"; at: Date; startBy: Date }
  /** How long the job is kept. `from`: whose `retentionMs` it is. All null: until a prune deletes the job. */
  | { code: "kept"; retentionMs: number | null; until: Date | null; from: "job" | "queue" | null };

/**
 * The transaction of this database that has kept PostgreSQL longest from removing dead rows, if it is older than a
 * minute. All claims become slower while it lasts.
 */
export type OldTransactionReason = { code: "old-transaction"; ageMs: number } & TransactionFigures;

/** What PostgreSQL knows of a transaction. */
export interface TransactionFigures {
  /** The process id of its session, for `pg_terminate_backend`. */
  pid: number;
  /** The `application_name` of the session; empty if the session has none. */
  applicationName: string;
  /** Such as `active` or `idle in transaction`. */
  state: string;
  /** When the transaction began. */
  since: Date;
  /** When its last statement began. */
  queryStart: Date | null;
}
