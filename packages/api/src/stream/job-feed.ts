import type { z } from "@hono/zod-openapi";
import type { Clock, Executor } from "@millrace/base";
import type { jobEvent } from "../contract/job.ts";
import { iso } from "../iso.ts";
import { type FollowedJob, readJobEvents } from "../store/read-job-events.sql.ts";
import { createFeed, type Feed, type Places } from "./feed.ts";

/** One event of a job's stream. */
export type JobEvent = z.infer<typeof jobEvent>;

/** How many jobs are followed at a time, and by how many listeners, in one handler. */
const JOBS_MAX = 1_000;
const LISTENERS_MAX = 5_000;

/**
 * The places for those who come by a watch token, and may be anybody: one of them cannot take the places of the others,
 * nor all of them the places of people with access.
 */
export const GUEST_PLACES: Places = { listenersMax: 4_500, topicsMax: 900, ofTopicMax: 500 };

/** What the feed of jobs needs. */
export interface JobFeedOptions {
  db: Executor;
  clock: Clock;
  /** Removes what must not be shown from JSON text. */
  redact(json: string): string;
  onError(error: unknown): void;
}

/** The jobs that somebody follows: one statement a second for all of them. */
export interface JobFeed extends Feed<JobEvent> {
  /** Reads one job now; null when there is no such job. */
  readNow(id: string): Promise<{ event: JobEvent | null; nowMs: number }>;
}

/** Creates the feed of jobs. While a job stays as it is, its listeners get the same event object. */
export function createJobFeed({ db, clock, redact, onError }: JobFeedOptions): JobFeed {
  let known = new Map<string, { job: FollowedJob; event: JobEvent }>();
  const feed = createFeed<JobEvent>({
    clock,
    onError,
    everyMs: 1_000,
    listenersMax: LISTENERS_MAX,
    topicsMax: JOBS_MAX,
    async read(ids) {
      const { values, nowMs } = await readJobEvents(db, ids);
      const before = known;
      known = new Map();
      for (const [id, job] of values) {
        const same = before.get(id);
        const unchanged = same !== undefined && isUnchanged(same.job, job);
        known.set(id, unchanged ? same : { job, event: jobEventOf(job, redact) });
      }
      return { nowMs, values: new Map([...known].map(([id, { event }]) => [id, event])) };
    },
  });
  return {
    hasRoom: feed.hasRoom,
    listen: feed.listen,
    close: feed.close,
    get listeners() {
      return feed.listeners;
    },
    async readNow(id) {
      const { values, nowMs } = await readJobEvents(db, [id]);
      const job = values.get(id);
      return { nowMs, event: job === undefined ? null : jobEventOf(job, redact) };
    },
  };
}

/** A renewal of the lease sets a running job's `updatedMs`, and changes nothing that anybody follows. */
function isUnchanged(before: FollowedJob, after: FollowedJob): boolean {
  const { updatedMs: _before, ...old } = before;
  const { updatedMs: _after, ...now } = after;
  return JSON.stringify(old) === JSON.stringify(now);
}

/** Returns a job as its stream sends it. */
export function jobEventOf(job: FollowedJob, redact: (json: string) => string): JobEvent {
  const { id, state, progress, attempts, maxAttempts, runAtMs, updatedMs, finishedMs } = job;
  const at = (ms: number | null) => (ms === null ? null : iso(new Date(ms)));
  return {
    id,
    state,
    progress: progress === null ? null : redact(progress),
    attempts,
    maxAttempts,
    runAt: at(runAtMs),
    updatedAt: iso(new Date(updatedMs)),
    finishedAt: at(finishedMs),
  };
}
