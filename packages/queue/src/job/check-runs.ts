import { checkFields, InvalidOptionError, isUuid } from "@millrace/base";
import type { ClaimedJob, Lease } from "./job.ts";

/**
 * The fields that each run of a caller may have. A run is named by its id and token alone, but a caller may pass a
 * claimed job as it is, or spread it into a completion, failure or release.
 */
export const CLAIMED_FIELDS = {
  id: true,
  queue: true,
  type: true,
  payload: true,
  leaseToken: true,
  attempt: true,
  maxAttempts: true,
  crashes: true,
} as const satisfies Record<keyof ClaimedJob, true>;

/**
 * Checks that each of `runs` names a run and has no unknown field. Returns the runs, with their ids in lower case, as
 * PostgreSQL writes them: the answers of fenced writes are compared as text. Throws `InvalidOptionError`.
 */
export function checkRuns<Item extends Lease>(
  what: string,
  runs: readonly Item[],
  known: readonly string[],
): readonly Item[] {
  if (!Array.isArray(runs)) throw new InvalidOptionError(what, "an array of runs", runs);
  for (const [at, run] of runs.entries()) {
    checkFields(`${what}[${at}]`, run, known);
    if (!isUuid(run.id)) throw new InvalidOptionError(`${what}[${at}].id`, "a job id (a UUID)", run.id);
    if (Number.isSafeInteger(run.leaseToken)) continue;
    throw new InvalidOptionError(`${what}[${at}].leaseToken`, "the token of a claimed run", run.leaseToken);
  }
  return runs.every((run) => run.id === run.id.toLowerCase())
    ? runs
    : runs.map((run) => ({ ...run, id: run.id.toLowerCase() }));
}
