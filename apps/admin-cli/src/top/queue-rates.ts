import type { QueueSample } from "../store/sample-queues.sql.ts";

/** The queues at one instant. */
export interface QueuesAt {
  readonly at: Date;
  readonly queues: readonly QueueSample[];
}

/**
 * The ids of new jobs come from the producers' clocks. Clocks that are behind by less than this, in ms, do not falsify
 * the rates.
 */
const CLOCKS_APART_MS = 5_000;

/** Returns the id above which jobs are counted for the rates of the next sample. */
export function boundaryAt(at: Date): string {
  const ms = Math.max(0, at.getTime() - CLOCKS_APART_MS)
    .toString(16)
    .padStart(12, "0");
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
}

/**
 * Returns how many jobs of each queue ended or were deleted in a second between two samples: the jobs enqueued
 * meanwhile, less the growth of the number of queued and running jobs. The first boundary of `later` must be the second
 * boundary of `earlier`.
 */
export function ratesBetween(earlier: QueuesAt, later: QueuesAt): ReadonlyMap<string, number> {
  const seconds = (later.at.getTime() - earlier.at.getTime()) / 1_000;
  const before = new Map(earlier.queues.map((sample) => [sample.queue, sample]));
  const names = new Set([...before.keys(), ...later.queues.map(({ queue }) => queue)]);
  const after = new Map(later.queues.map((sample) => [sample.queue, sample]));
  const rates = new Map<string, number>();
  if (seconds <= 0) return rates;
  for (const name of names) {
    const then = before.get(name);
    const now = after.get(name);
    const made = (now?.madeSinceFirst ?? 0) - (then?.madeSinceSecond ?? 0);
    const grown = unfinished(now) - unfinished(then);
    // A retry of many jobs makes the queue grow without new jobs.
    rates.set(name, Math.max(0, made - grown) / seconds);
  }
  return rates;
}

function unfinished(sample: QueueSample | undefined): number {
  return sample === undefined ? 0 : sample.queued + sample.running;
}
