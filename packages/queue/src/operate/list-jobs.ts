import type { Executor } from "@millrace/base";
import { JobNotFoundError } from "../errors.ts";
import type { Job } from "../job/job.ts";
import { checkListFilter, type JobFilter } from "./job-filter.ts";
import { listNewest, listOldestDue } from "./list-jobs.sql.ts";

/** Lists jobs. Throws `InvalidOptionError`, and `JobNotFoundError` if the job to begin after was deleted. */
export async function list(db: Executor, filter: JobFilter): Promise<Job[]> {
  const limited = { ...filter, limit: checkListFilter(filter) };
  if (filter.order !== "oldest-due") return listNewest(db, limited);
  const jobs = await listOldestDue(db, limited);
  if (jobs === null) throw new JobNotFoundError(filter.before ?? "");
  return jobs;
}
