import type { Send, SentJobs, Telemetry } from "../job/telemetry.ts";
import { type TraceContext, traceOf } from "../job/trace-context.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";
import type { Mark } from "./observed.ts";
import type { InsertedSettings } from "./settings-options.ts";

/** Enqueues one job, and tells of the enqueue. */
export function tracedOne(
  telemetry: Telemetry,
  insert: IdentifiedInsert,
  write: (insert: IdentifiedInsert) => Promise<EnqueueResult>,
): Promise<EnqueueResult> {
  const { queue, type } = insert;
  const send: Send = { job: { queue, type, trace: traceOf(settingsOf(insert)) }, sent: new Map() };
  return telemetry.enqueue(send, async (trace) => {
    count(send.sent, insert);
    const result = await write(withTrace(insert, trace));
    send.result = result;
    return result;
  });
}

/** Enqueues many jobs, and tells of the enqueue. `write` marks each job once it is checked. */
export function tracedMany(
  telemetry: Telemetry,
  write: (mark: Mark) => Promise<EnqueueResult[]>,
): Promise<EnqueueResult[]> {
  const send: Send = { job: null, sent: new Map() };
  return telemetry.enqueue(send, (trace) =>
    write((insert) => {
      count(send.sent, insert);
      return withTrace(insert, trace);
    }),
  );
}

/** Counts a job among those of its queue and type. */
function count(sent: Map<string, SentJobs>, { queue, type }: IdentifiedInsert): void {
  // No name has a NUL character.
  const key = `${queue}\0${type}`;
  const known = sent.get(key);
  if (known === undefined) sent.set(key, { queue, type, count: 1 });
  else known.count += 1;
}

/** Adds a trace context to a job, unless the caller gave one. */
function withTrace(insert: IdentifiedInsert, trace: TraceContext | null): IdentifiedInsert {
  if (trace === null) return insert;
  const settings = settingsOf(insert);
  if (settings?.traceparent !== undefined) return insert;
  return { ...insert, settings: JSON.stringify({ ...settings, ...trace }) };
}

/** The settings of a checked job. The cast is safe: `settingsText` made the text. */
function settingsOf({ settings }: IdentifiedInsert): InsertedSettings | null {
  return settings === null ? null : (JSON.parse(settings) as InsertedSettings);
}
