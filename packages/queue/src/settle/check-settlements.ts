import { checkFields, fieldNames, InvalidOptionError, isUuid } from "@millrace/base";
import { DELAY_MS_MAX } from "@millrace/schema/values";
import type { ClaimedJob, Completion } from "../job/job.ts";
import type { Failure, Release } from "./settlement.ts";

// A run is named by its id and token. A caller may give a claimed job as it is, or spread it into a completion, failure
// or release.
const CLAIMED_FIELDS = {
  id: true,
  queue: true,
  type: true,
  payload: true,
  leaseToken: true,
  attempt: true,
  maxAttempts: true,
  crashes: true,
} as const satisfies Record<keyof ClaimedJob, true>;

const COMPLETION_FIELDS = fieldNames<ClaimedJob & Completion>({ ...CLAIMED_FIELDS, output: true });

const FAILURE_FIELDS = fieldNames<ClaimedJob & Failure>({
  ...CLAIMED_FIELDS,
  error: true,
  retryInMs: true,
  cancel: true,
});

const RELEASE_FIELDS = fieldNames<ClaimedJob & Release>({ ...CLAIMED_FIELDS, delayMs: true });

/** Checks completions that a caller gave. Throws `InvalidOptionError`. */
export function checkCompletions(completions: readonly Completion[]): void {
  for (const [at, { output }] of checkRuns("completions", completions, COMPLETION_FIELDS)) {
    if (output === undefined || output === null || typeof output === "string") continue;
    throw new InvalidOptionError(`completions[${at}].output`, "JSON text, or null", output);
  }
}

/** Checks failures that a caller gave. Throws `InvalidOptionError`. */
export function checkFailures(failures: readonly Failure[]): void {
  for (const [at, { error, retryInMs, cancel }] of checkRuns("failures", failures, FAILURE_FIELDS)) {
    const option = (name: string) => `failures[${at}].${name}`;
    if (typeof error !== "string") throw new InvalidOptionError(option("error"), "a string", error);
    if (retryInMs !== null) checkMs(option("retryInMs"), retryInMs, ", or null for no retry");
    if (cancel !== undefined && typeof cancel !== "boolean") {
      throw new InvalidOptionError(option("cancel"), "true or false", cancel);
    }
  }
}

/** Checks releases that a caller gave. Throws `InvalidOptionError`. */
export function checkReleases(releases: readonly Release[]): void {
  for (const [at, { delayMs }] of checkRuns("releases", releases, RELEASE_FIELDS)) {
    if (delayMs !== undefined) checkMs(`releases[${at}].delayMs`, delayMs);
  }
}

function checkRuns<Item extends { id: string; leaseToken: number }>(
  what: string,
  runs: readonly Item[],
  known: readonly string[],
): IterableIterator<[number, Item]> {
  if (!Array.isArray(runs)) throw new InvalidOptionError(what, "an array of runs", runs);
  for (const [at, run] of runs.entries()) {
    checkFields(`${what}[${at}]`, run, known);
    if (!isUuid(run.id)) throw new InvalidOptionError(`${what}[${at}].id`, "a job id (a UUID)", run.id);
    if (Number.isSafeInteger(run.leaseToken)) continue;
    throw new InvalidOptionError(`${what}[${at}].leaseToken`, "the token of a claimed run", run.leaseToken);
  }
  return runs.entries();
}

function checkMs(option: string, value: unknown, orElse = ""): void {
  if (typeof value === "number" && value >= 0 && value <= DELAY_MS_MAX) return;
  throw new InvalidOptionError(option, `a number of ms from 0 to ${DELAY_MS_MAX}${orElse}`, value);
}
