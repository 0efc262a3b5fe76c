import { fieldNames, fieldProblem, isStorableJson, shown, UNSTORABLE_CHARACTERS } from "@millrace/base";
import {
  type BackoffSettings,
  DELAY_MS_MAX,
  type DeadLetter,
  type JobSettings,
} from "@millrace/schema/values";
import { InvalidJobError } from "../errors.ts";
import type { JsonValue } from "../job/job.ts";
import { type TraceContext, validTrace } from "../job/trace-context.ts";
import { DEAD_LETTER_FIELDS, type DeadLetterOption, deadLetterOf } from "./dead-letter.ts";
import { checkInstant, checkInteger, checkName } from "./job-fields.ts";

/** Options of an enqueue that only some jobs need. */
export interface SettingsOptions {
  /** Labels to find jobs by, at most 20, each of 1 to 100 characters. */
  tags?: readonly string[];
  /** Data about the job, beside its payload: an object of up to 16 KiB of JSON. Handlers and people can read it. */
  metadata?: Readonly<Record<string, JsonValue>>;
  /** A job that has not started by this instant is canceled. Excludes `startWithinMs`. */
  startBy?: Date;
  /** A job that has not started so many ms after it was due is canceled. Excludes `startBy`. */
  startWithinMs?: number;
  /** How long to wait before the next attempt. Default: the task's, then the queue's. */
  backoff?: BackoffSettings;
  /** How long one run may take, in ms. Default: the task's, then the queue's. */
  timeoutMs?: number;
  /** How long the job is kept after its end, in ms. Default: the task's, the queue's, or what `prune` is given. */
  retentionMs?: number;
  /**
   * The job that a final failure enqueues: a task, the name of a task, or a type and its queue. Null: none. Default:
   * the task's, then the queue's, then none.
   */
  deadLetter?: DeadLetterOption;
  /** The instant of the schedule's tick that makes this job. */
  tickAt?: Date;
  /**
   * The W3C trace context that the job belongs to, such as the headers of a request. What is not valid by W3C Trace
   * Context is left out, and the job is enqueued without it. Default: with telemetry, the context of the enqueue's own
   * span, if a span is active; else none.
   */
  traceContext?: TraceContext;
}

/** The fields of `SettingsOptions`, for checks of unknown fields. */
export const SETTINGS_FIELDS = {
  tags: true,
  metadata: true,
  startBy: true,
  startWithinMs: true,
  backoff: true,
  timeoutMs: true,
  retentionMs: true,
  deadLetter: true,
  tickAt: true,
  traceContext: true,
} as const satisfies Record<keyof SettingsOptions, true>;

/** The most tags of a job, and the most bytes of its metadata as JSON. */
const TAGS_MAX = 20;
const METADATA_MAX_BYTES = 16_384;

const TRACE_FIELDS = fieldNames<TraceContext>({ traceparent: true, tracestate: true });

const BACKOFF_FIELDS = fieldNames<BackoffSettings>({ baseMs: true, capMs: true, jitterMs: true });

/** The settings to insert. The database turns `startWithinMs` into `startBy`: its clock says when a job is due. */
export type InsertedSettings = JobSettings & { startWithinMs?: number };

/** The settings of a job as JSON text; null for a job without any. Throws `InvalidJobError`. */
export function settingsText(job: SettingsOptions, field: (name: string) => string): string | null {
  const settings: InsertedSettings = {
    ...checked("tags", job.tags, field, checkTags),
    ...checked("metadata", job.metadata, field, checkMetadata),
    ...checked("startBy", job.startBy, field, msOf),
    ...checked("tickAt", job.tickAt, field, msOf),
    ...checked("backoff", job.backoff, field, checkBackoffSettings),
    ...checked("deadLetter", job.deadLetter, field, checkDeadLetter),
    ...(job.traceContext === undefined ? {} : checkTrace(job.traceContext, field("traceContext"))),
  };
  for (const name of ["startWithinMs", "timeoutMs", "retentionMs"] as const) {
    const value = job[name];
    const least = name === "timeoutMs" ? 1 : 0;
    if (value !== undefined) settings[name] = checkInteger(field(name), value, [least, DELAY_MS_MAX]);
  }
  if (settings.startBy !== undefined && settings.startWithinMs !== undefined) {
    throw new InvalidJobError(field("startWithinMs"), "and `startBy` exclude each other; give one of them.");
  }
  return Object.keys(settings).length === 0 ? null : JSON.stringify(settings);
}

/** Checks the parts of a backoff. Throws `InvalidJobError`. */
export function checkBackoffSettings(backoff: BackoffSettings, field: string): BackoffSettings {
  refuseUnknown(field, backoff, BACKOFF_FIELDS);
  for (const [name, value] of Object.entries(backoff))
    checkInteger(`${field}.${name}`, value, [0, DELAY_MS_MAX]);
  return backoff;
}

/** A dead letter with its parts; null for none. Throws `InvalidJobError`. */
export function checkDeadLetter(given: DeadLetterOption, field: string): DeadLetter | null {
  const letter = deadLetterOf(given);
  if (letter === null) return null;
  refuseUnknown(field, letter, DEAD_LETTER_FIELDS);
  checkName(`${field}.type`, letter.type, 100);
  if (letter.queue !== undefined) checkName(`${field}.queue`, letter.queue, 100);
  return letter;
}

function checkTags(tags: unknown, field: string): readonly string[] | undefined {
  if (!Array.isArray(tags) || tags.length > TAGS_MAX) {
    throw new InvalidJobError(field, `must be an array of at most ${TAGS_MAX} texts, got ${shown(tags)}.`);
  }
  // Array.from: `map` would leave out the gaps of an array.
  const texts = Array.from(tags, (tag: unknown, at) => checkName(`${field}[${at}]`, tag, 100));
  return texts.length === 0 ? undefined : [...new Set(texts)];
}

function checkMetadata(metadata: unknown, field: string): Readonly<Record<string, unknown>> {
  // A Date, for instance, is an object, and its JSON is a text.
  const text = typeof metadata === "object" && metadata !== null ? jsonOf(metadata, field) : undefined;
  if (text === undefined || !text.startsWith("{")) {
    throw new InvalidJobError(field, `must be an object, got ${shown(metadata)}.`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > METADATA_MAX_BYTES) {
    throw new InvalidJobError(field, `must have at most ${METADATA_MAX_BYTES} bytes of JSON, got ${bytes}.`);
  }
  if (!isStorableJson(text)) throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
  // The value as the database will return it: a Date is text, for instance.
  return JSON.parse(text) as Record<string, unknown>;
}

function jsonOf(value: object, field: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new InvalidJobError(field, "must be JSON: it has a cycle or a value JSON cannot carry.", {
      cause: error,
    });
  }
}

function refuseUnknown(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  throw new InvalidJobError(problem.field === null ? what : `${what}.${problem.field}`, problem.reason);
}

/** The fields of a trace context that are valid by W3C. Throws `InvalidJobError` for a value of another kind. */
function checkTrace(trace: TraceContext, field: string): Partial<TraceContext> {
  refuseUnknown(field, trace, TRACE_FIELDS);
  const { traceparent, tracestate = "" }: { traceparent: unknown; tracestate?: unknown } = trace;
  for (const [name, value] of Object.entries({ traceparent, tracestate })) {
    if (typeof value === "string") continue;
    throw new InvalidJobError(`${field}.${name}`, `must be a string, got ${shown(value)}.`);
  }
  return validTrace(trace.traceparent, trace.tracestate) ?? {};
}

const msOf = (value: unknown, field: string) => checkInstant(field, value).getTime();

/** An object with the checked field; without the field if it was not given, or if the check leaves nothing of it. */
function checked<Name extends string, Given, Value>(
  name: Name,
  given: Given | undefined,
  field: (name: string) => string,
  check: (given: Given, field: string) => Value | undefined,
): { [Key in Name]?: Value } {
  const value = given === undefined ? undefined : check(given, field(name));
  // The boundary: a computed name widens to any string.
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
