import { checkFields, fieldNames, InvalidOptionError } from "@millrace/base";
import { context, isSpanContextValid, trace } from "@opentelemetry/api";
import type { ClaimedJob } from "./job/job.ts";
import type { Telemetry } from "./job/telemetry.ts";
import type { TraceIds } from "./job/trace-context.ts";
import { tracedEnqueue } from "./trace/enqueue-span.ts";
import { createInstruments } from "./trace/instruments.ts";
import { flushProviders, hasSdk } from "./trace/providers.ts";
import { tracedRun } from "./trace/run-span.ts";
import { tickTrace } from "./trace/tick-span.ts";

export type { Telemetry } from "./job/telemetry.ts";
export type { TraceIds } from "./job/trace-context.ts";

/** The options of `openTelemetry`. */
export interface OpenTelemetryOptions {
  /**
   * Changes the text of an error of a handler before a span gets it, for instance to leave out parts of the payload.
   * Default: the text stays as `lastError` of the job has it. If the function throws, the span gets no text.
   */
  errorText?(text: string, job: ClaimedJob): string;
}

const FIELDS = fieldNames<OpenTelemetryOptions>({ errorText: true });

/**
 * Tells OpenTelemetry of enqueues, runs and ticks, by its conventions for messaging. Give the result to `createQueue`,
 * `createWorker`, `createScheduler` and `createSchedules`. Needs the package `@opentelemetry/api`, and does next to
 * nothing until the program registers an SDK. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * - An enqueue within a span has a span of its own, whose context is stored with its jobs. Outside any span, an enqueue
 *   has no span, and stores nothing.
 * - A run has a span, with a link to the stored context. The context is also the parent of a first attempt that is
 *   claimed within 30 s of the enqueue.
 * - The metrics are `messaging.process.duration`, `messaging.client.operation.duration`,
 *   `messaging.client.sent.messages` and `messaging.client.consumed.messages`.
 *
 * @example
 * const telemetry = openTelemetry();
 * const queue = createQueue(pool, { telemetry });
 * const worker = createWorker({ db: pool, tasks, telemetry });
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  checkFields("options", options, FIELDS);
  const { errorText = (text: string) => text } = options;
  if (typeof errorText !== "function") throw new InvalidOptionError("errorText", "a function", errorText);
  const instruments = createInstruments();
  return {
    enqueue: (send, write) => tracedEnqueue(instruments, send, write),
    run: (run, work) => tracedRun(instruments, run, { work, errorText }),
    tick: (tick) => tickTrace(instruments, tick),
  };
}

/** Whether an SDK of OpenTelemetry is registered in this process: then somebody wants traces or metrics. */
export function isSdkRegistered(): boolean {
  return hasSdk();
}

/** Returns the ids of the active span, for instance for the lines of a log; null outside any span. */
export function activeTraceIds(): TraceIds | null {
  const active = trace.getSpanContext(context.active());
  return active !== undefined && isSpanContextValid(active) ? active : null;
}

/**
 * Asks the SDK to send the spans and metrics that it still holds: call this before the process exits. Does nothing
 * without an SDK. Never rejects, and has no limit of its own: an SDK limits its exports.
 *
 * @example
 * await worker.stop();
 * await flushOpenTelemetry();
 */
export function flushOpenTelemetry(): Promise<void> {
  return flushProviders();
}
