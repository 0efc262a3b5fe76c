import {
  fieldNames,
  fieldProblem,
  isStorableJson,
  isUuid,
  shown,
  UNSTORABLE_CHARACTERS,
} from "@millrace/base";
import type { KeyScope } from "@millrace/schema/values";
import { DELAY_MS_MAX, INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import { InvalidJobError } from "../errors.ts";
import type { JsonValue } from "../job/job.ts";
import { checkInstant, checkInteger, checkName } from "./job-fields.ts";
import { SETTINGS_FIELDS, type SettingsOptions, settingsText } from "./settings-options.ts";
import { type OnDuplicate, type UniqueKey, type UniqueOptions, uniqueKeyOf } from "./unique-key.ts";

/** How and when a job runs. Everything is optional. */
export interface EnqueueOptions extends UniqueOptions, SettingsOptions {
  /** The queue, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** -32768 to 32767, smaller runs first. Default 0. */
  priority?: number;
  /** Not before this instant. Default: now, by the database's clock. Excludes `delayMs`. */
  runAt?: Date;
  /** Not before this many ms from now, by the database's clock. Excludes `runAt`. */
  delayMs?: number;
  /** How many attempts may be made in all, from 1. Default 10: with the default backoff, half an hour of failures. */
  maxAttempts?: number;
  /** The schedule whose tick this job is. */
  scheduleId?: string;
}

/** A job to enqueue. */
export interface NewJob extends EnqueueOptions {
  /** Which task runs it, 1 to 100 characters. */
  type: string;
  /** Any JSON value, up to 4 MiB as text. Default `{}`. */
  payload?: JsonValue;
}

/** A checked job in the shape the insert takes. */
export interface JobInsert {
  queue: string;
  type: string;
  /** JSON text. */
  payload: string;
  priority: number;
  /** ISO 8601, or null for now. */
  runAt: string | null;
  delayMs: number | null;
  maxAttempts: number;
  idempotencyKey: string | null;
  keyScope: KeyScope | null;
  /** For how long a key of the scope `period` stays taken, in ms. */
  keyPeriodMs: number | null;
  onDuplicate: OnDuplicate;
  scheduleId: string | null;
  /** JSON text of the job's settings, or null. */
  settings: string | null;
}

/** The queue of a job that names none. */
export const DEFAULT_QUEUE = "default";

/**
 * How many attempts a job gets if it names no number. With the default backoff the last attempt comes at least 30 min
 * after the first: an outage of half an hour fails no job.
 */
export const DEFAULT_MAX_ATTEMPTS = 10;

/**
 * How large a payload may be as JSON text, in bytes: a claim reads many payloads at once, and a row is written more
 * than once.
 */
export const PAYLOAD_MAX_BYTES = 4_194_304;

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
  ...SETTINGS_FIELDS,
} as const satisfies Record<keyof EnqueueOptions, true>;

/** The fields of the options of one enqueue, without `tx`. */
export const ENQUEUE_FIELDS = fieldNames<EnqueueOptions>(OPTION_FIELDS);

const JOB_FIELDS = fieldNames<NewJob>({ type: true, payload: true, ...OPTION_FIELDS });

/** Refuses an unknown field of a job, and a field that is `undefined`. Throws `InvalidJobError`. */
export function checkJobFields(job: unknown, known: readonly string[], at = ""): void {
  const problem = fieldProblem(job, known);
  if (problem === null) return;
  const field = [at, problem.field ?? ""].filter((part) => part !== "").join(".");
  throw new InvalidJobError(field === "" ? "options" : field, problem.reason);
}

/**
 * Checks a job and fills in the defaults. `at` names the job in errors. `payloadText` is the JSON of its payload, if
 * the caller has it already. Throws `InvalidJobError`.
 */
export function checkNewJob(job: NewJob, at = "", payloadText?: string): JobInsert {
  checkJobFields(job, JOB_FIELDS, at);
  const field = (name: string) => (at === "" ? name : `${at}.${name}`);
  if (job.runAt !== undefined && job.delayMs !== undefined) {
    throw new InvalidJobError(field("delayMs"), "and `runAt` exclude each other; give one of them.");
  }
  const key = uniqueKeyOf(job, field);
  const keyName = job.debounce ? "debounce.key" : job.throttle ? "throttle.key" : "idempotencyKey";
  return {
    queue: checkName(field("queue"), job.queue === undefined ? DEFAULT_QUEUE : job.queue, 100),
    type: checkName(field("type"), job.type, 100),
    payload: checkStorable(field("payload"), payloadText ?? encodePayload(field("payload"), job.payload)),
    priority: checkInteger(field("priority"), job.priority === undefined ? 0 : job.priority, [
      PRIORITY_MIN,
      PRIORITY_MAX,
    ]),
    runAt: checkRunAt(field("runAt"), job.runAt),
    delayMs: checkDelay(job, key, field),
    maxAttempts: checkInteger(
      field("maxAttempts"),
      job.maxAttempts === undefined ? DEFAULT_MAX_ATTEMPTS : job.maxAttempts,
      [1, INTEGER_MAX],
    ),
    idempotencyKey:
      key.idempotencyKey === undefined ? null : checkName(field(keyName), key.idempotencyKey, 255),
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

function checkRunAt(field: string, value: unknown): string | null {
  return value === undefined ? null : checkInstant(field, value).toISOString();
}

function checkScheduleId(field: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value !== "string" || !isUuid(value)) {
    throw new InvalidJobError(field, `must be a UUID, got ${shown(value)}.`);
  }
  return value;
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
  // No character takes more than three bytes for each unit of the string.
  const bytes = json.length * 3 <= PAYLOAD_MAX_BYTES ? 0 : Buffer.byteLength(json);
  if (bytes > PAYLOAD_MAX_BYTES) {
    throw new InvalidJobError(
      field,
      `must have at most ${PAYLOAD_MAX_BYTES} bytes of JSON, got ${bytes}. ` +
        "Store the data elsewhere, and put its address into the payload.",
    );
  }
  if (isStorableJson(json)) return json;
  throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
}
