import { checkText } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import type { JsonValue } from "../job/job.ts";
import type { Auditor } from "./auditor.ts";
import { checkQueueSettings } from "./check-queue-settings.ts";
import { pauseQueue } from "./pause-queue.sql.ts";
import { checkDepthOptions, type DepthOptions, type QueueDepth } from "./queue-depth.ts";
import { listSetQueues, type QueueRow, readQueueSettings, writeQueueSettings } from "./queue-settings.sql.ts";
import type { QueueStats, QueueStatus } from "./queue-stats.ts";
import { readDepths } from "./read-depths.sql.ts";
import { emptyStats, readStats } from "./read-jobs.sql.ts";
import { resumeQueue } from "./resume-queue.sql.ts";

/** The commands on queues. A queue is named in 1 to 100 characters, and needs no job. */
export interface QueueCommands {
  /** Counts the jobs of each queue that has jobs. Reads all jobs, so call `stats` seldom. */
  stats(): Promise<QueueStats[]>;
  /** Returns every queue that has jobs, is paused or has settings, by name. Reads all jobs, as `stats` does. */
  queues(): Promise<QueueStatus[]>;
  /**
   * Returns every queue that has waiting or running jobs, is paused or has settings, by name. Counts at most `max` jobs
   * of a queue, by default 10,000, and about 100,000 jobs in all: of many queues, each is counted less far. A count
   * that is `capped` says that there may be more. So the cost does not grow with the number of jobs, and `depths` may
   * be called every few seconds.
   *
   * Of a queue with more than 1,000 priorities, looks for due jobs in the 1,000 smallest.
   *
   * @example
   * for (const { queue: name, due, oldestDueMs } of await queue.depths()) {
   *   console.log(name, due.capped ? `${due.count}+` : due.count, oldestDueMs);
   * }
   */
  depths(options?: DepthOptions): Promise<QueueDepth[]>;
  /**
   * Pauses a queue. After their next poll, workers claim no more jobs of the queue. Jobs that are claimed already run
   * on. Returns false if the queue was paused before.
   *
   * @example
   * await queue.pause("mail");
   */
  pause(name: string): Promise<boolean>;
  /** Resumes a paused queue, and notifies the workers. Returns false if the queue was not paused. */
  resume(name: string): Promise<boolean>;
  /**
   * Sets what counts for a queue's jobs where neither the job nor its task sets it: backoff, time-out, how long ended
   * jobs are kept, and the job that a final failure enqueues. The given settings take the place of all earlier ones;
   * null removes them. Workers read the change when they next look for lanes, and use it for runs that begin later.
   *
   * @example
   * await queue.setQueue("mail", { timeoutMs: 60_000, backoff: { baseMs: 1_000 }, retentionMs: 7 * 86_400_000 });
   */
  setQueue(name: string, settings: QueueSettings | null): Promise<void>;
  /** Returns the settings of a queue; null if the queue has none. */
  queueSettings(name: string): Promise<QueueSettings | null>;
}

/** Creates the commands on queues. */
export function createQueueCommands(auditor: Auditor): QueueCommands {
  const { db } = auditor;
  return {
    stats: () => readStats(db),
    queues: async () => withRows(await readStats(db), await listSetQueues(db)),
    depths: async (options = {}) => readDepths(db, checkDepthOptions(options)),
    async pause(name) {
      const queue = checkQueueName(name);
      const before = [{ queue, pausedAt: null }];
      return auditor.command("pause", { name }).step(
        (tx) => pauseQueue(tx, queue),
        (paused) => ({ changed: Number(paused), before }),
      );
    },
    async resume(name) {
      const queue = checkQueueName(name);
      const pausedAt = await auditor.command("resume", { name }).step(
        (tx) => resumeQueue(tx, queue),
        (since) => ({
          changed: Number(since !== null),
          before: [{ queue, pausedAt: since }],
        }),
      );
      return pausedAt !== null;
    },
    async setQueue(name, settings) {
      const queue = checkQueueName(name);
      const checked = checkQueueSettings(settings);
      await auditor.command("setQueue", { name, settings: checked }).step(
        (tx) => writeQueueSettings(tx, queue, checked),
        (old) => ({
          changed: Number(old !== undefined),
          // The cast is safe: the settings are JSON.
          before: [{ queue, settings: (old ?? null) as JsonValue }],
        }),
      );
    },
    queueSettings: async (name) => readQueueSettings(db, checkQueueName(name)),
  };
}

/** Adds pauses and settings to the stats, and adds the paused or set queues that have no jobs. */
function withRows(stats: readonly QueueStats[], rows: ReadonlyMap<string, QueueRow>): QueueStatus[] {
  const known = new Set(stats.map((each) => each.queue));
  const empty = [...rows.keys()].filter((name) => !known.has(name)).map(emptyStats);
  return [...stats, ...empty]
    .map((each) => ({ ...each, ...(rows.get(each.queue) ?? { pausedAt: null, settings: null }) }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

const checkQueueName = (name: string) => checkText("name", name, 100);
