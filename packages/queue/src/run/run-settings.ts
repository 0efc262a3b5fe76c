import type { BackoffSettings, QueueSettings } from "@millrace/schema/values";
import { type Backoff, DEFAULT_BACKOFF } from "../task/backoff.ts";
import type { AnyTask } from "../task/define-task.ts";

/** What holds in one worker for runs of which neither the job, nor its task, nor its queue says otherwise. */
export interface RunDefaults {
  /** The delays between attempts. Default of each field: that of `DEFAULT_BACKOFF`. */
  backoff?: BackoffSettings;
  /** How long one run may take, in ms, from 1. Default: no limit. */
  timeoutMs?: number;
}

/** Who may say how a run is limited. The first who says something decides. */
export interface RunDeciders {
  /** What the job was enqueued with; null for most jobs. */
  job: QueueSettings | null;
  task: Pick<AnyTask, "backoff" | "timeoutMs">;
  /** What the job's queue is set to. */
  queue: QueueSettings | undefined;
  /** The worker's defaults. */
  worker: RunDefaults;
}

/** How a run is limited. */
export interface RunSettings {
  /** How long the run may take, in ms. Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  /** The delays between attempts. They are put together only when they are read: most runs do not fail. */
  readonly backoff: Backoff;
}

/**
 * Decides how a run is limited: the job decides, else its task, else its queue, else the worker, else the defaults. Of a
 * backoff, each field is decided by itself.
 */
export function runSettings({ job, task, queue, worker }: RunDeciders): RunSettings {
  return {
    timeoutMs: limitOf(job) ?? limitOf(task) ?? limitOf(queue) ?? limitOf(worker),
    get backoff() {
      return { ...DEFAULT_BACKOFF, ...worker.backoff, ...queue?.backoff, ...task.backoff, ...job?.backoff };
    },
  };
}

/** A limit that can be kept. SQL may have put any JSON into the settings of a job or queue. */
function limitOf(decider: { timeoutMs?: number | undefined } | null | undefined): number | undefined {
  const ms: unknown = decider?.timeoutMs;
  return typeof ms === "number" && ms >= 1 ? ms : undefined;
}
