import type { BackoffSettings, QueueSettings } from "@millrace/schema/values";
import { type Backoff, DEFAULT_BACKOFF } from "../task/backoff.ts";
import type { AnyTask } from "../task/define-task.ts";

/** The limits of one worker's runs where neither the job, nor its task, nor its queue sets any. */
export interface RunDefaults {
  /** The delays between attempts. Default of each field: that of `DEFAULT_BACKOFF`. */
  backoff?: BackoffSettings;
  /** How long one run may take, in ms, from 1. Default: no limit. */
  timeoutMs?: number;
}

/** What may limit a run, the strongest first. A limit that none of them sets has its default. */
export interface RunDeciders {
  /** What the job was enqueued with; null for most jobs. */
  job: QueueSettings | null;
  task: Pick<AnyTask, "backoff" | "timeoutMs">;
  /** What the job's queue is set to. */
  queue: QueueSettings | undefined;
  /** The worker's defaults. */
  worker: RunDefaults;
}

/** Decides how long a run may take, in ms. Returns undefined for a run without a limit. */
export function runTimeoutMs({ job, task, queue, worker }: RunDeciders): number | undefined {
  return limitOf(job) ?? limitOf(task) ?? limitOf(queue) ?? limitOf(worker);
}

/** Decides the delays between the attempts of a job. Each field of a backoff is decided by itself. */
export function runBackoff({ job, task, queue, worker }: RunDeciders): Backoff {
  return { ...DEFAULT_BACKOFF, ...worker.backoff, ...queue?.backoff, ...task.backoff, ...job?.backoff };
}

/** A limit that can be kept. SQL may have put any JSON into the settings of a job or queue. */
function limitOf(decider: { timeoutMs?: number | undefined } | null | undefined): number | undefined {
  const ms: unknown = decider?.timeoutMs;
  return typeof ms === "number" && ms >= 1 ? ms : undefined;
}
