import {
  checkFields,
  checkText,
  type Executor,
  fieldNames,
  InvalidOptionError,
  integerIn,
} from "@millrace/base";
import type { Job } from "../job/job.ts";
import { checkId } from "./check-id.ts";
import { errorFingerprint, FINGERPRINT_MAX, messageOf } from "./error-fingerprint.ts";
import { LAST_ID } from "./id-part.ts";
import { type FailedJobsOfStep, readFailedJobs } from "./read-failed-jobs.sql.ts";

/** One kind of failed jobs, as `failures` groups them. */
export interface FailureKind {
  type: string;
  queue: string;
  fingerprint: string;
}

/** The options of `idsOfKind`. */
export interface IdsOfKindOptions {
  /** How many ids to return at most, 1 to 10,000. Default 1,000. */
  limit?: number;
  /** The `before` of an earlier call: continues that call. */
  before?: string;
}

/** The ids of failed jobs of one kind. */
export interface IdsOfKind {
  /** The ids, of the last enqueued job first. Few ids, or none, do not mean that there are no more. */
  ids: string[];
  /** The `before` of the next call; null when there is no more to look at. */
  before: string | null;
}

/**
 * Returns the kind of a failed job, as `failures` groups failed jobs.
 *
 * @example
 * const job = await queue.get(id);
 * const { ids } = await queue.idsOfKind(kindOf(job));
 */
export function kindOf({ type, queue, lastError }: Pick<Job, "type" | "queue" | "lastError">): FailureKind {
  return { type, queue, fingerprint: errorFingerprint(messageOf(lastError)) };
}

/** How many failed and canceled jobs one statement reads, and how many one call reads. */
const STEP_ROWS = 2_000;
const ROWS_MAX = 50_000;

const KIND_FIELDS = fieldNames<FailureKind>({ type: true, queue: true, fingerprint: true });

const OPTION_FIELDS = fieldNames<IdsOfKindOptions>({ limit: true, before: true });

/** Returns the ids of failed jobs of a kind. Throws `InvalidOptionError`. */
export async function idsOfKind(
  db: Executor,
  kind: FailureKind,
  options: IdsOfKindOptions,
): Promise<IdsOfKind> {
  const limit = checkArguments(kind, options);
  const fingerprintOf = rememberingFingerprints();
  const ids: string[] = [];
  let before: string | null = options.before ?? LAST_ID;
  for (let looked = 0; looked < ROWS_MAX && before !== null; looked += STEP_ROWS) {
    const step: FailedJobsOfStep = await readFailedJobs(db, { before, limit: STEP_ROWS, kind });
    for (const { id, error } of step.jobs) {
      if (fingerprintOf(error) !== kind.fingerprint) continue;
      ids.push(id);
      if (ids.length === limit) return { ids, before: id };
    }
    before = step.before;
  }
  return { ids, before };
}

/** Many failed jobs have one message, and to compute a fingerprint takes longer than to look it up. */
function rememberingFingerprints(): (error: string | null) => string {
  const known = new Map<string | null, string>();
  return (error) => {
    const fingerprint = known.get(error) ?? errorFingerprint(error);
    known.set(error, fingerprint);
    return fingerprint;
  };
}

/** A fingerprint is cut at a number of characters, so it may end with half of a surrogate pair. */
function checkFingerprint(fingerprint: unknown): void {
  if (typeof fingerprint === "string" && fingerprint !== "" && fingerprint.length <= FINGERPRINT_MAX) return;
  throw new InvalidOptionError("kind.fingerprint", "a fingerprint that `failures` returned", fingerprint);
}

function checkArguments(kind: FailureKind, options: IdsOfKindOptions): number {
  checkFields("kind", kind, KIND_FIELDS);
  for (const name of ["type", "queue"] as const) checkText(`kind.${name}`, kind[name], 100);
  checkFingerprint(kind.fingerprint);
  checkFields("options", options, OPTION_FIELDS);
  if (options.before !== undefined) checkId("before", options.before);
  return integerIn("limit", options.limit ?? 1_000, [1, 10_000]);
}
