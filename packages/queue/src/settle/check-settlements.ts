import { fieldNames, InvalidOptionError } from "@millrace/base";
import { DELAY_MS_MAX } from "@millrace/schema/values";
import { JsonText } from "../enqueue/json-text.ts";
import { CLAIMED_FIELDS, checkRuns } from "../job/check-runs.ts";
import type { ClaimedJob, Completion } from "../job/job.ts";
import type { Failure, Release } from "./failure-and-release.ts";

const COMPLETION_FIELDS = fieldNames<ClaimedJob & Completion>({ ...CLAIMED_FIELDS, output: true });

const FAILURE_FIELDS = fieldNames<ClaimedJob & Failure>({
  ...CLAIMED_FIELDS,
  error: true,
  retryInMs: true,
  cancel: true,
});

const RELEASE_FIELDS = fieldNames<ClaimedJob & Release>({ ...CLAIMED_FIELDS, delayMs: true });

/**
 * What may be a number with an exponent of four digits or more. PostgreSQL writes out all digits of such a number, so
 * that a short text may become longer than a program can read. JavaScript writes no such number.
 */
const LARGE_EXPONENT = /\de[+-]?\d{4}/i;

/** Checks and returns completions that a caller gave. Throws `InvalidOptionError`. */
export function checkCompletions(completions: readonly Completion[]): readonly Completion[] {
  const runs = checkRuns("completions", completions, COMPLETION_FIELDS);
  for (const [at, { output }] of runs.entries()) {
    if (output === undefined || output === null) continue;
    const option = `completions[${at}].output`;
    if (typeof output !== "string") throw new InvalidOptionError(option, "JSON text, or null", output);
    if (LARGE_EXPONENT.test(output)) checkNumbers(option, output);
  }
  return runs;
}

/** Checks and returns failures that a caller gave. Throws `InvalidOptionError`. */
export function checkFailures(failures: readonly Failure[]): readonly Failure[] {
  const runs = checkRuns("failures", failures, FAILURE_FIELDS);
  for (const [at, { error, retryInMs, cancel }] of runs.entries()) {
    const option = (name: string) => `failures[${at}].${name}`;
    if (typeof error !== "string") throw new InvalidOptionError(option("error"), "a string", error);
    if (retryInMs !== null) checkMs(option("retryInMs"), retryInMs, ", or null for no retry");
    if (cancel !== undefined && typeof cancel !== "boolean" && cancel !== "if requested") {
      throw new InvalidOptionError(option("cancel"), 'true, false or "if requested"', cancel);
    }
  }
  return runs;
}

/** Checks and returns releases that a caller gave. Throws `InvalidOptionError`. */
export function checkReleases(releases: readonly Release[]): readonly Release[] {
  const runs = checkRuns("releases", releases, RELEASE_FIELDS);
  for (const [at, { delayMs }] of runs.entries()) {
    if (delayMs !== undefined) checkMs(`releases[${at}].delayMs`, delayMs);
  }
  return runs;
}

function checkNumbers(option: string, output: string): void {
  try {
    new JsonText(output);
  } catch {
    throw new InvalidOptionError(option, "JSON text that can be stored and read again", output);
  }
}

function checkMs(option: string, value: unknown, orElse = ""): void {
  if (typeof value === "number" && value >= 0 && value <= DELAY_MS_MAX) return;
  throw new InvalidOptionError(option, `a number of ms from 0 to ${DELAY_MS_MAX}${orElse}`, value);
}
