import type pg from "pg";
import type { Job, JobFilter, JobSearch, Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

/** The ids of jobs. */
export const idsOf = (jobs: readonly Job[]) => jobs.map((job) => job.id);

/** Reads all pages of a search. `between` runs after each page. */
export async function pagesOf(
  queue: Queue,
  filter: JobFilter,
  rows: number,
  between: (page: JobSearch) => Promise<void> = async () => {},
): Promise<JobSearch[]> {
  const pages: JobSearch[] = [];
  for (let before: string | null = null; ; ) {
    const page: JobSearch = await queue.search({ ...filter, ...(before !== null && { before }) }, { rows });
    pages.push(page);
    if (page.before === null) return pages;
    before = page.before;
    await between(page);
  }
}

/** The ids of the jobs of all pages. */
export const foundIn = (pages: readonly JobSearch[]) => pages.flatMap(({ jobs }) => idsOf(jobs));

/** Inserts jobs of all states, in turns. Every fifth has the type `rare`. Returns the ids, the newest first. */
export async function jobsInAllPlaces(pool: pg.Pool, count: number): Promise<string[]> {
  const states = ["completed", "queued", "failed", "completed", "running", "queued", "canceled"] as const;
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const type = n % 5 === 0 ? "rare" : "t";
    ids.unshift(
      await insertJob(pool, { state: states[n % states.length] ?? "queued", type, runInSeconds: n }),
    );
  }
  return ids;
}
