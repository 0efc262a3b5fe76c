import type { KeyScope } from "@millrace/schema";
import { InvalidJobError } from "../errors.ts";
import type { JsonValue } from "./job.ts";
import { isStorableJson, isStorableText, UNSTORABLE_CHARACTERS } from "./storable.ts";
import { type OnDuplicate, type UniqueOptions, uniqueKeyOf } from "./unique-key.ts";

/** How and when a job runs. Everything is optional. */
export interface EnqueueOptions extends UniqueOptions {
  /** The lane to be claimed from, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** -32768 to 32767, smaller runs first. Default 0. */
  priority?: number;
  /** Not before this instant. Default: now, by the database's clock. Excludes `delayMs`. */
  runAt?: Date;
  /** Not before this many ms from now, by the database's clock. Excludes `runAt`. */
  delayMs?: number;
  /** How many attempts may be made in all, from 1. Default 3. */
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
}

/** The queue a job goes to unless it says otherwise. */
export const DEFAULT_QUEUE = "default";

/** How many attempts a job gets unless it says otherwise. */
export const DEFAULT_MAX_ATTEMPTS = 3;

/** How large a payload may be as JSON text, in bytes: claims read many at a time, and a row is written more than once. */
export const PAYLOAD_MAX_BYTES = 4_194_304;

/** A hundred years: what can be added to now without leaving PostgreSQL's calendar. */
export const MS_MAX = 3_155_760_000_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a string is a UUID in its canonical text form. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** Checks a job and fills in the defaults. `at` names the job in errors. Throws `InvalidJobError`. */
export function checkNewJob(job: NewJob, at = ""): JobInsert {
  if (typeof job !== "object" || job === null) {
    throw new InvalidJobError(at === "" ? "job" : at, `must be an object, got ${shown(job)}.`);
  }
  const field = (name: string) => (at === "" ? name : `${at}.${name}`);
  if (job.runAt !== undefined && job.delayMs !== undefined) {
    throw new InvalidJobError(field("delayMs"), "and `runAt` exclude each other; give one of them.");
  }
  const ms = (name: string, value: number | undefined, min: number) =>
    value === undefined ? null : checkInteger(field(name), value, [min, MS_MAX]);
  const key = uniqueKeyOf(job, field);
  const keyName = job.debounce ? "debounce.key" : job.throttle ? "throttle.key" : "idempotencyKey";
  return {
    queue: checkName(field("queue"), job.queue ?? DEFAULT_QUEUE, 100),
    type: checkName(field("type"), job.type, 100),
    payload: encodePayload(field("payload"), job.payload === undefined ? {} : job.payload),
    priority: checkInteger(field("priority"), job.priority ?? 0, [-32_768, 32_767]),
    runAt: checkRunAt(field("runAt"), job.runAt),
    delayMs: job.debounce
      ? ms("debounce.delayMs", key.delayMs ?? Number.NaN, 0)
      : ms("delayMs", job.delayMs, 0),
    maxAttempts: checkInteger(
      field("maxAttempts"),
      job.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      [1, 2_147_483_647],
    ),
    idempotencyKey:
      key.idempotencyKey === undefined ? null : checkName(field(keyName), key.idempotencyKey, 255),
    keyScope: key.keyScope,
    keyPeriodMs:
      key.keyScope === "period"
        ? ms(job.throttle ? "throttle.periodMs" : "keyScope.periodMs", key.periodMs ?? Number.NaN, 1)
        : null,
    onDuplicate: key.onDuplicate,
    scheduleId: checkScheduleId(field("scheduleId"), job.scheduleId),
  };
}

function checkName(field: string, value: unknown, charactersMax: number): string {
  if (typeof value !== "string" || value === "" || [...value].length > charactersMax) {
    throw new InvalidJobError(
      field,
      `must be a string of 1 to ${charactersMax} characters, got ${shown(value)}.`,
    );
  }
  if (!isStorableText(value)) {
    throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
  }
  return value;
}

function checkInteger(field: string, value: unknown, [min, max]: readonly [number, number]): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidJobError(field, `must be an integer from ${min} to ${max}, got ${shown(value)}.`);
  }
  return value;
}

function checkRunAt(field: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new InvalidJobError(field, `must be a valid Date, got ${shown(value)}.`);
  }
  return value.toISOString();
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
    text = JSON.stringify(payload);
  } catch (error) {
    throw new InvalidJobError(field, "must be JSON: it has a cycle or a value JSON cannot carry.", {
      cause: error,
    });
  }
  if (text === undefined) throw new InvalidJobError(field, `must be JSON, got ${typeof payload}.`);
  // No character takes more than three bytes for each unit of the string.
  const bytes = text.length * 3 <= PAYLOAD_MAX_BYTES ? 0 : Buffer.byteLength(text);
  if (bytes > PAYLOAD_MAX_BYTES) {
    throw new InvalidJobError(
      field,
      `must have at most ${PAYLOAD_MAX_BYTES} bytes of JSON, got ${bytes}. Store it elsewhere, and give where.`,
    );
  }
  if (!isStorableJson(text)) throw new InvalidJobError(field, `must not contain ${UNSTORABLE_CHARACTERS}.`);
  return text;
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
