import {
  checkFields,
  checkText,
  fieldNames,
  InvalidOptionError,
  isStorableJson,
  isUuid,
  UNSTORABLE_CHARACTERS,
} from "@millrace/base";
import { JOB_STATES, type JobState } from "@millrace/schema/values";
import type { JsonValue } from "../job/job.ts";
import { checkId } from "./check-id.ts";
import { checkIdPrefix, checkIdSuffix } from "./id-part.ts";

/** Selects jobs, for `list` and for the commands on many jobs: the jobs that match every given field. */
export interface JobSelection {
  state?: JobState;
  queue?: string;
  type?: string;
  /** The jobs of this schedule, also after the schedule was deleted. */
  scheduleId?: string;
  /** Only jobs with one of these ids. An empty array selects no job. */
  ids?: readonly string[];
  /** The first characters of the id: 4 or more, with or without dashes. */
  idPrefix?: string;
  /** The last characters of the id, as log lines show them: 4 to 12. */
  idSuffix?: string;
  /** The job that has this idempotency key now: at most one. */
  idempotencyKey?: string;
  /** Only jobs that have all of these tags: 1 to 20. */
  tags?: readonly string[];
  /** Only jobs whose payload contains this JSON: each given field, and each given element of an array. */
  payloadContains?: JsonValue;
  /** Only jobs whose last error contains this text. Upper and lower case are the same. */
  errorIncludes?: string;
  /** Only jobs enqueued before this instant. */
  createdBefore?: Date;
  /** Only jobs enqueued at this instant or later. */
  createdAfter?: Date;
  /** Only jobs completed, failed or canceled before this instant: no queued and no running jobs. */
  finishedBefore?: Date;
  /** Only jobs completed, failed or canceled at this instant or later: no queued and no running jobs. */
  finishedAfter?: Date;
  /** Only queued jobs that are due before this instant: no running and no ended jobs. */
  dueBefore?: Date;
}

/** The fields of `JobSelection`, for checks of unknown fields. */
export const SELECTION_FIELDS = {
  state: true,
  queue: true,
  type: true,
  scheduleId: true,
  ids: true,
  idPrefix: true,
  idSuffix: true,
  idempotencyKey: true,
  tags: true,
  payloadContains: true,
  errorIncludes: true,
  createdBefore: true,
  createdAfter: true,
  finishedBefore: true,
  finishedAfter: true,
  dueBefore: true,
} as const satisfies Record<keyof JobSelection, true>;

/** The most characters of an error's text to look for. */
const ERROR_CHARACTERS_MAX = 1_000;

/** The most bytes of the JSON that payloads are to contain. */
const CONTAINED_BYTES_MAX = 16_384;

const TAGS_MAX = 20;

const INSTANTS = ["createdBefore", "createdAfter", "finishedBefore", "finishedAfter", "dueBefore"] as const;

const CHECKS: { readonly [Name in keyof JobSelection]-?: (name: string, value: unknown) => unknown } = {
  state: checkState,
  queue: (name, value) => checkText(name, value, 100),
  type: (name, value) => checkText(name, value, 100),
  scheduleId: checkId,
  ids: checkIds,
  idPrefix: checkIdPrefix,
  idSuffix: checkIdSuffix,
  idempotencyKey: (name, value) => checkText(name, value, 255),
  tags: checkTags,
  payloadContains: checkContained,
  errorIncludes: (name, value) => checkText(name, value, ERROR_CHARACTERS_MAX),
  ...inEach(INSTANTS, checkInstant),
};

/** The fields that select jobs, among the fields of a filter. */
type Selecting = JobSelection & Readonly<Record<string, unknown>>;

/**
 * Checks the fields of a filter that select jobs. `known` has the names of all fields that the filter may have. Throws
 * `InvalidOptionError`.
 */
export function checkSelection(filter: JobSelection, known: readonly string[]): void {
  checkFields("filter", filter, known);
  for (const [name, check] of Object.entries(CHECKS)) {
    if (name in filter) check(name, (filter as Selecting)[name]);
  }
}

/** The names of the fields of a filter: those that select jobs, and its own. */
export function filterFields<Filter extends JobSelection>(
  own: Readonly<Record<Exclude<keyof Filter, keyof JobSelection>, true>>,
): readonly string[] {
  return [...fieldNames<JobSelection>(SELECTION_FIELDS), ...Object.keys(own)];
}

function inEach<Name extends string, Value>(names: readonly Name[], value: Value): { [Key in Name]: Value } {
  // The cast is safe: each name has an entry.
  return Object.fromEntries(names.map((name) => [name, value])) as { [Key in Name]: Value };
}

function checkState(name: string, state: unknown): void {
  const states: readonly unknown[] = JOB_STATES;
  if (states.includes(state)) return;
  throw new InvalidOptionError(name, `one of ${JOB_STATES.join(", ")}`, state);
}

function checkIds(name: string, ids: unknown): void {
  if (!Array.isArray(ids)) throw new InvalidOptionError(name, "an array of job ids (UUIDs)", ids);
  const bad: unknown = ids.find((id) => typeof id !== "string" || !isUuid(id));
  if (bad !== undefined) throw new InvalidOptionError(name, "job ids (UUIDs)", bad);
}

function checkTags(name: string, tags: unknown): void {
  if (!Array.isArray(tags) || tags.length === 0 || tags.length > TAGS_MAX) {
    throw new InvalidOptionError(name, `an array of 1 to ${TAGS_MAX} texts`, tags);
  }
  for (const tag of tags) checkText(name, tag, 100);
}

function checkContained(name: string, value: unknown): void {
  const text = jsonOf(name, value);
  if (Buffer.byteLength(text) > CONTAINED_BYTES_MAX) {
    throw new InvalidOptionError(name, `JSON of at most ${CONTAINED_BYTES_MAX} bytes`, value);
  }
  if (isStorableJson(text)) return;
  throw new InvalidOptionError(name, `JSON without ${UNSTORABLE_CHARACTERS}`, value);
}

/**
 * Returns a value as JSON text. Refuses a value of which JSON leaves out a part: `{ order: undefined }` would be `{}`,
 * which every object contains.
 */
function jsonOf(name: string, value: unknown): string {
  let isWhole = true;
  try {
    const text = JSON.stringify(value, (_key, part: unknown) => {
      isWhole &&= isCarried(part);
      return part;
    }) as string | undefined;
    if (text !== undefined && isWhole) return text;
  } catch {
    // A cycle, or a bigint: the error below says what is expected.
  }
  throw new InvalidOptionError(name, "a value that JSON can carry, without `undefined` in its fields", value);
}

function isCarried(part: unknown): boolean {
  if (typeof part === "number") return Number.isFinite(part);
  return !["undefined", "function", "symbol"].includes(typeof part);
}

/** Checks an instant of a filter. PostgreSQL reads the ISO text of these years only. Throws `InvalidOptionError`. */
export function checkInstant(name: string, instant: unknown): void {
  const isValid = instant instanceof Date && !Number.isNaN(instant.getTime());
  if (!isValid) throw new InvalidOptionError(name, "a valid Date", instant);
  if (/^\d{4}-/.test(instant.toISOString()) && !instant.toISOString().startsWith("0000")) return;
  throw new InvalidOptionError(name, "a Date in the years 1 to 9999", instant);
}
