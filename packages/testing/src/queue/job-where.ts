import { isDeepStrictEqual } from "node:util";
import { checkFields, fieldNames, shown } from "@millrace/base";
import { InvalidOptionError, type Job, type JsonValue } from "@millrace/queue";

/** A job with the type of its task's payload. The payload is as it is stored: read back from JSON. */
export type EnqueuedJob<Payload> = Omit<Job, "payload"> & { payload: Payload };

/** A value of which any part may be left out, at any depth. Arrays are compared whole. */
export type Partly<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: Partly<Value[Key]> }
    : Value;

/** Selects jobs: those that have every given field. A field may be an asymmetric matcher, as `expect.any(Number)`. */
export interface JobWhere<Payload> {
  payload?: Partly<Payload>;
  state?: Job["state"];
  queue?: string;
  priority?: number;
  /** When the job is due. Null: the job waits for something other than time. */
  runAt?: Date | null;
  maxAttempts?: number;
  attempts?: number;
  idempotencyKey?: string | null;
  /** Tags that the job has, besides others. */
  tags?: readonly string[];
  metadata?: Readonly<Record<string, JsonValue>>;
  scheduleId?: string | null;
  tickAt?: Date | null;
}

/** Selects jobs by fields, or by a function. */
export type JobCondition<Payload> = JobWhere<Payload> | ((job: EnqueuedJob<Payload>) => boolean);

const FIELDS = fieldNames<JobWhere<unknown>>({
  payload: true,
  state: true,
  queue: true,
  priority: true,
  runAt: true,
  maxAttempts: true,
  attempts: true,
  idempotencyKey: true,
  tags: true,
  metadata: true,
  scheduleId: true,
  tickAt: true,
});

/** Throws `InvalidOptionError` for a condition that is neither a function nor an object of known fields. */
export function checkCondition(condition: unknown): void {
  if (typeof condition === "function") return;
  if (typeof condition !== "object" || condition === null) {
    throw new InvalidOptionError("where", "an object with fields of a job, or a function", condition);
  }
  checkFields("where", condition, FIELDS);
}

/** Says how a job differs from a condition, a line for each field; nothing if the job fits. */
export function differences<Payload>(
  job: EnqueuedJob<Payload>,
  condition: JobCondition<Payload>,
): readonly string[] {
  if (typeof condition === "function") return condition(job) ? [] : ["the function returned false"];
  const { tags = [], ...fields } = condition;
  const missing = tags
    .filter((tag) => !job.tags.includes(tag))
    .map((tag) => `tags: ${shown(tag)} is missing`);
  return [...partDifferences("", job, fields), ...missing];
}

/** Compares the given parts of an object with a value. `path` names the object; empty for the job itself. */
function partDifferences(path: string, actual: unknown, parts: object): string[] {
  // The cast is safe: an object may be read by its own names.
  const found = (actual ?? {}) as Record<string, unknown>;
  return Object.entries(parts).flatMap(([name, expected]) =>
    valueDifferences(path === "" ? name : `${path}.${name}`, found[name], expected),
  );
}

function valueDifferences(path: string, actual: unknown, expected: unknown): string[] {
  if (isMatcher(expected)) {
    return expected.asymmetricMatch(actual) ? [] : [`${path}: ${shown(actual)} does not match`];
  }
  const isParts = isPlain(expected) && isPlain(actual);
  if (isParts) return partDifferences(path, actual, expected);
  if (isDeepStrictEqual(actual, expected)) return [];
  return [
    `${path}: expected ${inWords(expected)}, got ${actual === undefined ? "nothing" : inWords(actual)}`,
  ];
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** An asymmetric matcher of Vitest or Jest, such as `expect.any(Number)`. */
function isMatcher(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return (
    typeof value === "object" &&
    value !== null &&
    "asymmetricMatch" in value &&
    typeof value.asymmetricMatch === "function"
  );
}

function inWords(value: unknown): string {
  return value instanceof Date ? value.toISOString() : shown(value);
}
