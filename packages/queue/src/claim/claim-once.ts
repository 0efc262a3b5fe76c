import type { Executor } from "@millrace/base";
import type { ClaimedJob } from "../job/job.ts";
import { claimJobs } from "./claim-jobs.sql.ts";
import { CLAIM_LANES_MAX } from "./claim-lanes.ts";
import type { ClaimOptions } from "./claim-options.ts";
import { findUnpausedLanes, type LaneName } from "./find-unpaused-lanes.sql.ts";

/**
 * Claims for a caller that keeps no marks: looks for lanes, and claims from them in their order. Many lanes need
 * several statements. If a statement fails, the caller gets the jobs that earlier statements claimed. If there are
 * none, this throws the error.
 */
export async function claimOnce(
  db: Executor,
  { queues, limit, ...request }: ClaimOptions,
): Promise<ClaimedJob[]> {
  const jobs: ClaimedJob[] = [];
  let after: LaneName | null = null;
  try {
    do {
      const { lanes, next }: Awaited<ReturnType<typeof findUnpausedLanes>> = await findUnpausedLanes(db, {
        queues,
        after,
      });
      for (let start = 0; start < lanes.length && jobs.length < limit; start += CLAIM_LANES_MAX) {
        const some = lanes.slice(start, start + CLAIM_LANES_MAX).map((lane) => ({ ...lane, mark: null }));
        const batch = await claimJobs(db, { ...request, lanes: some, limit: limit - jobs.length });
        jobs.push(...batch.jobs);
        if (batch.cutBy === "bytes") return jobs;
      }
      after = next;
    } while (after !== null && jobs.length < limit);
  } catch (error) {
    if (jobs.length === 0) throw error;
  }
  return jobs;
}
