import type { JobSettings } from "@millrace/schema/values";
import type { JsonValue } from "./job.ts";
import { type TraceContext, traceOf } from "./trace-context.ts";

/** What is known of a running job besides what every handler needs. Instants are by the database's clock. */
export interface JobDetails {
  createdAt: Date;
  /** When the job was due: the instant that it was enqueued for, or to which its last attempt put it off. */
  dueAt: Date;
  /** Smaller runs first. */
  priority: number;
  /** The key that the job was enqueued with; null for none. */
  idempotencyKey: string | null;
  tags: readonly string[];
  metadata: Readonly<Record<string, JsonValue>>;
  /** The schedule that made the job; null for none. */
  scheduleId: string | null;
  /** The tick of that schedule; null for a job that no schedule made. */
  tickAt: Date | null;
  /** Of the last attempt that failed; null when none did. */
  lastError: string | null;
  /** What an attempt before this one told by `context.progress`; null when nothing. */
  lastProgress: JsonValue;
  /** The trace context that the job was enqueued with; null for none. */
  traceContext: TraceContext | null;
}

/** The columns of a claim that only some handlers ask for, as the claim's statement returns them. */
export interface DetailColumns {
  ids: string;
  priority: number;
  /** When the jobs were claimed, in ms since 1970 by the database's clock. */
  claimed_ms: number;
  /** Arrays of `timestamptz` in PostgreSQL's binary format, as base64: half as dear to make as text. */
  run_ats: string;
  created_ats: string;
  /** Arrays as JSON; null when no job of the claim has a value. */
  last_errors: string | null;
  idempotency_keys: string | null;
  schedule_ids: string | null;
  progress: string | null;
  settings: string | null;
}

/** Where the elements of a one-dimensional array begin in its binary format, and how many bytes each instant has. */
const ARRAY_HEADER_BYTES = 20;
const ELEMENT_BYTES = 12;
/** 2000-01-01 in ms since 1970: PostgreSQL counts microseconds from there. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/** The details of a claim's jobs. They are decoded when somebody asks for them: most handlers never do. */
export class ClaimDetails {
  readonly #columns: DetailColumns;
  /** When the claim was sent, by the worker's clock. */
  readonly #sentAt: number;
  #places: Map<string, number> | undefined;
  /** The column `run_ats` in binary: an observed worker reads it once for each job. */
  #dueTimes: Buffer | undefined;
  #settings: readonly (JobSettings | null)[] | undefined;

  constructor(columns: DetailColumns, sentAt: number) {
    this.#columns = columns;
    this.#sentAt = sentAt;
  }

  /**
   * How long a job was due until `now` by the worker's clock, in ms. 0 for a job that was due before 1970: somebody
   * gave it such an instant so that it is the first of its lane.
   */
  waitMs(id: string, now: number): number {
    this.#dueTimes ??= Buffer.from(this.#columns.run_ats, "base64");
    const dueMs = msAt(this.#dueTimes, this.#placeOf(id));
    if (dueMs < 0) return 0;
    return Math.max(0, this.#columns.claimed_ms - dueMs + (now - this.#sentAt));
  }

  /** How long after its enqueue a job was claimed, in ms by the database's clock. */
  claimedAfterMs(id: string): number {
    const { claimed_ms, created_ats } = this.#columns;
    return claimed_ms - msAt(Buffer.from(created_ats, "base64"), this.#placeOf(id));
  }

  /** The settings of a job; null for a job without any. Costs nothing if no job of the claim has settings. */
  settingsOf(id: string): JobSettings | null {
    if (this.#columns.settings === null) return null;
    this.#settings ??= JSON.parse(this.#columns.settings) as readonly (JobSettings | null)[];
    return this.#settings[this.#placeOf(id)] ?? null;
  }

  /** What is known of a job. Throws `RangeError` for a job of another claim. */
  of(id: string): JobDetails {
    const at = this.#placeOf(id);
    const columns = this.#columns;
    const settings = this.settingsOf(id);
    return {
      createdAt: instantAt(columns.created_ats, at),
      dueAt: instantAt(columns.run_ats, at),
      priority: columns.priority,
      idempotencyKey: elementAt<string>(columns.idempotency_keys, at),
      tags: settings?.tags ?? [],
      // The boundary: the database has it as JSON.
      metadata: (settings?.metadata ?? {}) as Record<string, JsonValue>,
      scheduleId: elementAt<string>(columns.schedule_ids, at),
      tickAt: settings?.tickAt === undefined ? null : new Date(settings.tickAt),
      lastError: elementAt<string>(columns.last_errors, at),
      lastProgress: elementAt<JsonValue>(columns.progress, at),
      traceContext: traceOf(settings),
    };
  }

  #placeOf(id: string): number {
    this.#places ??= new Map(
      this.#columns.ids
        .slice(1, -1)
        .split(",")
        .map((each, at) => [each, at]),
    );
    const at = this.#places.get(id);
    if (at === undefined) throw new RangeError(`job ${id} is not in this claim`);
    return at;
  }
}

/** What a run asks of the details of its claim. */
export type RunDetails = Pick<ClaimDetails, "of" | "settingsOf" | "waitMs" | "claimedAfterMs">;

/** The details of a run that was not claimed by a statement: for tests of parts. */
export const NO_DETAILS: RunDetails = {
  settingsOf: () => null,
  waitMs: () => 0,
  claimedAfterMs: () => 0,
  of(id) {
    throw new RangeError(`nothing is known of job ${id}`);
  },
};

function elementAt<Value>(column: string | null, at: number): Value | null {
  if (column === null) return null;
  return (JSON.parse(column) as (Value | null)[])[at] ?? null;
}

function instantAt(column: string, at: number): Date {
  return new Date(msAt(Buffer.from(column, "base64"), at));
}

/** The instant at a place of an array in its binary format, in ms since 1970. */
function msAt(instants: Buffer, at: number): number {
  const micros = instants.readBigInt64BE(ARRAY_HEADER_BYTES + at * ELEMENT_BYTES + 4);
  return POSTGRES_EPOCH_MS + Number(micros / 1_000n);
}
