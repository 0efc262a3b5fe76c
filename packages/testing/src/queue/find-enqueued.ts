import { createQueue, type EnqueueableTask, type Job, type Queryable } from "@millrace/queue";
import { checkCondition, differences, type EnqueuedJob, type JobCondition } from "./job-where.ts";

/** A task, or the name of a type. */
export type JobTarget<Payload> = EnqueueableTask<Payload> | string;

/** How many jobs one statement reads. */
const PAGE = 1_000;

/** Returns the name of the type of a task's jobs. */
export function typeOf(target: JobTarget<never>): string {
  return typeof target === "string" ? target : target.name;
}

/** Returns the jobs of a type in any state, the oldest first. In a transaction, also its own uncommitted jobs. */
export async function jobsOfType(db: Queryable, type: string): Promise<Job[]> {
  const queue = createQueue(db);
  const jobs: Job[] = [];
  for (;;) {
    const before = jobs.at(-1)?.id;
    const page = await queue.list({ type, limit: PAGE, ...(before === undefined ? {} : { before }) });
    jobs.push(...page);
    if (page.length < PAGE) return jobs.reverse();
  }
}

/** Returns the jobs of a task that fit a condition, the oldest first. */
export async function findEnqueued<Payload>(
  db: Queryable,
  target: JobTarget<Payload>,
  where: JobCondition<Payload>,
): Promise<EnqueuedJob<Payload>[]> {
  checkCondition(where);
  // The cast is safe: a task has checked the payloads of its jobs.
  const jobs = (await jobsOfType(db, typeOf(target))) as unknown as EnqueuedJob<Payload>[];
  return jobs.filter((job) => differences(job, where).length === 0);
}
