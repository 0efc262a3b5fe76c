import type { z } from "@hono/zod-openapi";
import type { OldTransaction, QueueDepth, WorkerStatus } from "@millrace/queue";
import type { cappedCount } from "../contract/queue.ts";
import type { overview, snapshotHolder } from "../contract/stats.ts";
import { iso } from "../iso.ts";
import type { ScheduleFigures } from "../store/schedule-figures.sql.ts";

type CappedCount = z.infer<typeof cappedCount>;
type Overview = z.infer<typeof overview>;

/** The parts of an overview. */
export interface OverviewParts {
  depths: readonly QueueDepth[];
  workers: readonly WorkerStatus[];
  schedules: ScheduleFigures;
  lately: Overview["lastTenMinutes"];
  /** The oldest transaction that holds the snapshot. */
  holder: OldTransaction | null;
  showsQueries: boolean;
}

/** Makes an overview of its parts. */
export function overviewOf({
  depths,
  workers,
  schedules,
  lately,
  holder,
  showsQueries,
}: OverviewParts): Overview {
  const alive = workers.filter((worker) => worker.alive);
  const waits = depths.flatMap(({ oldestDueMs }) => (oldestDueMs === null ? [] : [oldestDueMs]));
  const { completed, failed, retried, crashed } = lately;
  return {
    at: iso(schedules.now),
    queued: sum(depths.map((depth) => depth.queued)),
    due: sum(depths.map((depth) => depth.due)),
    running: depths.reduce((total, { running }) => total + running, 0),
    oldestDueMs: waits.length === 0 ? null : Math.max(...waits),
    pausedQueues: depths.filter(({ pausedAt }) => pausedAt !== null).length,
    workers: {
      alive: alive.length,
      running: alive.reduce((total, { running }) => total + running, 0),
      slots: slotsOf(alive),
    },
    schedules: {
      enabled: schedules.enabled,
      overdue: schedules.overdue,
      nextRunAt: iso(schedules.nextRunAt),
    },
    lastTenMinutes: { completed, failed, retried, crashed },
    snapshotHolder: holder === null ? null : holderAnswer(holder, showsQueries),
  };
}

/** Returns a transaction as the API sends it. Its statement may have values of jobs, so it is shown only on request. */
export function holderAnswer(
  { pid, applicationName, user, state, since, ageMs, query }: OldTransaction,
  showsQuery: boolean,
): z.infer<typeof snapshotHolder> {
  const shown = showsQuery ? query : null;
  return { pid, applicationName, user, state, since: iso(since), ageMs, query: shown };
}

/** Adds counts. When one of them is capped, there are at least as many as the sum. */
function sum(counts: readonly CappedCount[]): CappedCount {
  return {
    count: counts.reduce((total, { count }) => total + count, 0),
    capped: counts.some(({ capped }) => capped),
  };
}

/** How many jobs the workers can run at a time; null when one of them does not say, because its release is older. */
function slotsOf(workers: readonly WorkerStatus[]): number | null {
  let slots = 0;
  for (const { concurrency } of workers) {
    if (concurrency === null) return null;
    slots += concurrency;
  }
  return slots;
}
