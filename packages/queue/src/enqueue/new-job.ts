import {
  fieldNames,
  fieldProblem,
  isStorableJson,
  isUuid,
  shown,
  UNSTORABLE_CHARACTERS,
} from "@millrace/base";
import type { KeyScope } from "@millrace/schema/values";
import {
  DELAY_MS_MAX,
  INTEGER_MAX,
  PAYLOAD_BYTES_MAX,
  PRIORITY_MAX,
  PRIORITY_MIN,
} from "@millrace/schema/values";
import { InvalidJobError } from "../errors.ts";
import type { JsonValue } from "../job/job.ts";
import { checkInstant, checkInteger, checkName } from "./job-fields.ts";
import { JsonText } from "./json-text.ts";
import { SETTINGS_FIELDS, type SettingsOptions, settingsText } from "./settings-options.ts";
import {
  type DuplicateRule,
  keyFieldOf,
  type UniqueKey,
  type UniqueOptions,
  uniqueKeyOf,
} from "./unique-key.ts";

/** The options of an enqueue. All are optional. */
export interface EnqueueOptions extends UniqueOptions, SettingsOptions {
  /** The queue, 1 to 100 characters. Default: the task's queue, or `default`. */
  queue?: string;
  /** -32768 to 32767. Jobs with a smaller priority run first. Default: the task's priority, or 0. */
  priority?: number;
  /** The earliest instant at which the job runs, in the years 1 to 9999. Default: now. Excludes `delayMs`. */
  runAt?: Date;
  /** The delay before the job may run, in ms from now by the database's clock, up to 100 years. Excludes `runAt`. */
  delayMs?: number;
  /** How many attempts the job gets, 1 to 2,147,483,647. Default: the task's number, or 10. */
  maxAttempts?: number;
  /** The id of the schedule that makes the job, a UUID. Default: none. */
  scheduleId?: string;
}

/** A job to enqueue. */
export interface NewJob extends EnqueueOptions {
  /** The name of the task that runs the job, 1 to 100 characters. */
  type: string;
  /** Any JSON value, or JSON as text, up to 4 MiB as text. Default `{}`. */
  payload?: JsonValue | JsonText;
}

/** A checked job, as the insert statements need it. */
export interface JobInsert {
  queue: string;
  type: string;
  /** JSON text. */
  payload: string;
  priority: number;
  /** ISO 8601. Null: the job is due `delayMs` from now, or now without `delayMs`. */
  runAt: string | null;
  delayMs: number | null;
  /** How many ms after the job's first enqueue a replacement makes the job due at the latest. Null: no such limit. */
  maxWaitMs: number | null;
  maxAttempts: number;
  idempotencyKey: string | null;
  keyScope: KeyScope | null;
  /** For how long a key of the scope `period` stays taken, in ms. */
  keyPeriodMs: number | null;
  onDuplicate: DuplicateRule;
  scheduleId: string | null;
  /** The job's settings as JSON text, or null without settings. */
  settings: string | null;
}

/** The queue of a job if neither the job nor its task names a queue. */
export const DEFAULT_QUEUE = "default";

/**
 * How many attempts a job gets if it names no number. With the default backoff the last attempt comes at least 30 min
 * after the first: an outage of half an hour fails no job.
 */
export const DEFAULT_MAX_ATTEMPTS = 10;

const OPTION_FIELDS = {
  queue: true,
  priority: true,
  runAt: true,
  delayMs: true,
  maxAttempts: true,
  scheduleId: true,
  idempotencyKey: true,
  keyScope: true,
  onDuplicate: true,
  debounce: true,
  throttle: true,
  latest: true,
  ...SETTINGS_FIELDS,
} as const satisfies Record<keyof EnqueueOptions, true>;

/** The names of the options of an enqueue, without `tx`. */
export const ENQUEUE_FIELDS = fieldNames<EnqueueOptions>(OPTION_FIELDS);

const JOB_FIELDS = fieldNames<NewJob>({ type: true, payload: true, ...OPTION_FIELDS });

/** Throws `InvalidJobError` for an unknown field of a job, and for a field that is `undefined`. */
export function checkJobFields(job: unknown, known: readonly string[], at = ""): void {
  const problem = fieldProblem(job, known);
  if (problem === null) return;
  const field = [at, problem.field ?? ""].filter((part) => part !== "").join(".");
  throw new InvalidJobError(field === "" ? "options" : field, problem.reason);
}

/**
 * Checks a job and fills in the defaults. `at` names the job in errors. `payloadText` is the payload as JSON, if the
 * caller has encoded the payload already. Throws `InvalidJobError`.
 */
export function checkNewJob(job: NewJob, at = "", payloadText?: string): JobInsert {
  checkJobFields(job, JOB_FIELDS, at);
  const field = (name: string) => (at === "" ? name : `${at}.${name}`);
  if (job.runAt !== undefined && job.delayMs !== undefined) {
    throw new InvalidJobError(field("delayMs"), "and `runAt` exclude each other; give one of them.");
  }
  const key = uniqueKeyOf(job, field);
  return {
    queue: checkName(field("queue"), job.queue === undefined ? DEFAULT_QUEUE : job.queue, 100),
    type: checkName(field("type"), job.type, 100),
    payload:
      payloadText === undefined
        ? checkPayload(field("payload"), job.payload)
        : checkStorable(field("payload"), payloadText),
    priority: checkInteger(field("priority"), job.priority === undefined ? 0 : job.priority, [
      PRIORITY_MIN,
      PRIORITY_MAX,
    ]),
    runAt: checkRunAt(field("runAt"), job.runAt),
    delayMs: checkDelay(job, key, field),
    maxWaitMs: checkMaxWait(key, field("debounce.maxWaitMs")),
    maxAttempts: checkInteger(
      field("maxAttempts"),
      job.maxAttempts === undefined ? DEFAULT_MAX_ATTEMPTS : job.maxAttempts,
      [1, INTEGER_MAX],
    ),
    idempotencyKey:
      key.idempotencyKey === undefined ? null : checkName(field(keyFieldOf(job)), key.idempotencyKey, 255),
    keyScope: key.keyScope,
    keyPeriodMs:
      key.keyScope === "period"
        ? checkInteger(field(job.throttle ? "throttle.periodMs" : "keyScope.periodMs"), key.periodMs, [
            1,
            DELAY_MS_MAX,
          ])
        : null,
    onDuplicate: key.onDuplicate,
    scheduleId: checkScheduleId(field("scheduleId"), job.scheduleId),
    settings: settingsText(job, field),
  };
}

function checkDelay(job: NewJob, key: UniqueKey, field: (name: string) => string): number | null {
  if (job.debounce !== undefined)
    return checkInteger(field("debounce.delayMs"), key.delayMs, [0, DELAY_MS_MAX]);
  return job.delayMs === undefined ? null : checkInteger(field("delayMs"), job.delayMs, [0, DELAY_MS_MAX]);
}

function checkMaxWait({ delayMs = 0, maxWaitMs }: UniqueKey, field: string): number | null {
  return maxWaitMs === undefined ? null : checkInteger(field, maxWaitMs, [delayMs, DELAY_MS_MAX]);
}

/** Returns an instant as ISO text, or null for `undefined`. Throws `InvalidJobError`. */
export function checkRunAt(field: string, value: unknown): string | null {
  return value === undefined ? null : checkInstant(field, value).toISOString();
}

function checkScheduleId(field: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== "string" || !isUuid(value)) {
    throw new InvalidJobError(field, `must be a UUID, got ${shown(value)}.`);
  }
  return value;
}

/** Returns a payload as JSON text, `{}` for `undefined`. Throws `InvalidJobError`. */
export function checkPayload(field: string, payload: unknown): string {
  if (payload instanceof JsonText) return checkSize(field, payload.text);
  return checkStorable(field, encodePayload(field, payload));
}

function encodePayload(field: string, payload: unknown): string {
  let text: string | undefined;
  try {
    text = payload === undefined ? "{}" : JSON.stringify(payload);
  } catch (error) {
    throw new InvalidJobError(field, "must be JSON: it has a cycle or a value JSON cannot carry.", {
      cause: error,
    });
  }
  if (text === undefined) throw new InvalidJobError(field, `must be JSON, got ${typeof payload}.`);
  return text;
}

function checkStorable(field: string, json: string): string {
  if (isStorableJson(checkSize(field, json))) return json;
  throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
}

function checkSize(field: string, json: string): string {
  // UTF-8 needs at most three bytes for each unit of `length`, so a short text needs no count of its bytes.
  const bytes = json.length * 3 <= PAYLOAD_BYTES_MAX ? 0 : Buffer.byteLength(json);
  if (bytes > PAYLOAD_BYTES_MAX) {
    throw new InvalidJobError(
      field,
      `must have at most ${PAYLOAD_BYTES_MAX} bytes of JSON, got ${bytes}. ` +
        "Store the data elsewhere, and put its address into the payload.",
    );
  }
  return json;
}
