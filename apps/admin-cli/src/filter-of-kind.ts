import { type BulkFilter, JobStateError, kindOf, type Queue } from "@millrace/queue";
import type { CommandDatabase } from "./command-host.ts";
import type { JobRef } from "./option/parse-job-ref.ts";
import { resolveJob } from "./resolve-job.ts";

/**
 * Returns the filter of the failed jobs of the kind of a failed job, as `jobs failures` groups them: the jobs that are
 * there now, by their ids. Throws `JobNotFoundError` (`JOB_NOT_FOUND`), `AmbiguousJobError` (`JOB_AMBIGUOUS`), and
 * `JobStateError` (`JOB_STATE`) if the job has not failed.
 */
export async function filterOfKind(
  { queue }: Pick<CommandDatabase, "queue">,
  ref: JobRef,
): Promise<BulkFilter> {
  const job = await queue.get(await resolveJob({ queue }, ref));
  if (job.state !== "failed") {
    const because = `it is ${job.state}, and only failed jobs have a kind.`;
    throw new JobStateError(job, "retry the kind of", { because });
  }
  const kind = kindOf(job);
  const ids: string[] = [];
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<Queue["idsOfKind"]>> = await queue.idsOfKind(kind, {
      limit: 10_000,
      ...(before !== null && { before }),
    });
    for (const id of page.ids) ids.push(id);
    before = page.before;
  } while (before !== null);
  return { state: "failed", queue: job.queue, type: job.type, ids };
}
