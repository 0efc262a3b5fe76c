import { type Job, JobNotFoundError, MillraceError } from "@millrace/queue";
import type { CommandDatabase } from "./command-host.ts";
import { END_CHARACTERS_MAX, END_CHARACTERS_MIN, type JobRef } from "./option/parse-job-ref.ts";
import { escapeControl } from "./output/escape-control.ts";

/** Several jobs have an id that fits the given part. */
export class AmbiguousJobError extends MillraceError {
  readonly code = "JOB_AMBIGUOUS";
  constructor(part: string, jobs: readonly Job[], isMore: boolean) {
    const lines = jobs.map((job) => `  ${job.id}  ${job.state}  ${escapeControl(job.type)}`);
    const count = isMore ? `more than ${jobs.length}` : jobs.length;
    super(
      [`${part} fits ${count} jobs; give more of the id.`, ...lines, ...(isMore ? ["  …"] : [])].join("\n"),
    );
  }
}

/** An error names so many of the jobs that a part of an id fits. */
const CANDIDATES_MAX = 10;

/**
 * Returns the id of the job that a person named. Throws `JobNotFoundError` (`JOB_NOT_FOUND`) if no job fits a part of
 * an id, and `AmbiguousJobError` (`JOB_AMBIGUOUS`) if several jobs fit. A whole id is not looked up.
 */
export async function resolveJob({ queue }: Pick<CommandDatabase, "queue">, ref: JobRef): Promise<string> {
  if (ref.kind === "id") return ref.text;
  const limit = CANDIDATES_MAX + 1;
  const found: Job[] = [];
  if (ref.kind === "part") found.push(...(await queue.list({ idPrefix: ref.text, limit })));
  if (ref.kind === "end" || canBeEnd(ref.text))
    found.push(...(await queue.list({ idSuffix: ref.text, limit })));
  const jobs = [...new Map(found.map((job) => [job.id, job])).values()];
  const [job] = jobs;
  if (job === undefined) throw new JobNotFoundError(ref.kind === "end" ? `…${ref.text}` : ref.text);
  if (jobs.length === 1) return job.id;
  throw new AmbiguousJobError(ref.text, jobs.slice(0, CANDIDATES_MAX), jobs.length > CANDIDATES_MAX);
}

function canBeEnd({ length }: string): boolean {
  return length >= END_CHARACTERS_MIN && length <= END_CHARACTERS_MAX;
}
