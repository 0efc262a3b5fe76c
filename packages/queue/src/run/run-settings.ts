import type { BackoffSettings, QueueSettings } from "@millrace/schema/values";
import { type Backoff, DEFAULT_BACKOFF } from "../task/backoff.ts";
import type { AnyTask } from "../task/define-task.ts";

/** What a worker says about one of its tasks, in place of what the task's definition says. */
export interface TaskDefaults {
  /** The delays between attempts. A field that is left out: the task's definition decides. */
  backoff?: BackoffSettings;
  /** How long one run may take, in ms, from 1. Left out: the task's definition decides. */
  timeoutMs?: number;
  /**
   * How many attempts a job of the task gets that a handler enqueues by `context.enqueue`, 1 to 2,147,483,647, unless
   * the enqueue says. Left out: the task's definition decides.
   */
  maxAttempts?: number;
}

/** The limits of one worker's runs where neither the job, nor its task, nor its queue sets any. */
export interface RunDefaults {
  /** The delays between attempts. Default of each field: that of `DEFAULT_BACKOFF`. */
  backoff?: BackoffSettings;
  /** How long one run may take, in ms, from 1. Default: no limit. */
  timeoutMs?: number;
  /**
   * What holds for single tasks, by the task's name. An entry comes before the task's definition, and after what a job
   * was enqueued with.
   */
  tasks?: Readonly<Record<string, TaskDefaults>>;
}

/** What may limit a run, the strongest first. A limit that none of them sets has its default. */
export interface RunDeciders {
  /** What the job was enqueued with; null for most jobs. */
  job: QueueSettings | null;
  /** What the worker's defaults say about this task. */
  named: TaskDefaults | undefined;
  task: Pick<AnyTask, "backoff" | "timeoutMs">;
  /** What the job's queue is set to. */
  queue: QueueSettings | undefined;
  /** The worker's defaults. */
  worker: RunDefaults;
}

/** Decides how long a run may take, in ms. Returns undefined for a run without a limit. */
export function runTimeoutMs({ job, named, task, queue, worker }: RunDeciders): number | undefined {
  return limitOf(job) ?? limitOf(named) ?? limitOf(task) ?? limitOf(queue) ?? limitOf(worker);
}

/** Decides the delays between the attempts of a job. Each field of a backoff is decided by itself. */
export function runBackoff({ job, named, task, queue, worker }: RunDeciders): Backoff {
  const general = { ...DEFAULT_BACKOFF, ...worker.backoff, ...queue?.backoff };
  return { ...general, ...task.backoff, ...named?.backoff, ...job?.backoff };
}

/** Returns what a worker's defaults say about a task. Undefined: nothing. */
export function defaultsOfTask({ tasks }: RunDefaults, name: string): TaskDefaults | undefined {
  // A job may have any text as its type, also the name of a property that every object inherits.
  return tasks !== undefined && Object.hasOwn(tasks, name) ? tasks[name] : undefined;
}

/** A limit that can be kept. SQL may have put any JSON into the settings of a job or queue. */
function limitOf(decider: { timeoutMs?: number | undefined } | null | undefined): number | undefined {
  const ms: unknown = decider?.timeoutMs;
  return typeof ms === "number" && ms >= 1 ? ms : undefined;
}
