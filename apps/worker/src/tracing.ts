import { setTimeout as pause } from "node:timers/promises";
import type { ClaimedJob, Telemetry } from "@millrace/queue";
import type { Settings } from "./config/settings.ts";
import { type TraceFields, traceFields } from "./trace-fields.ts";

/** The setting `tracing` is on, and the package that it needs is not installed. */
export class TracingUnavailableError extends Error {
  readonly code = "TRACING_UNAVAILABLE";
  constructor(options: { cause: unknown }) {
    super(
      "The setting tracing is on, but the package @opentelemetry/api is not installed beside the worker. " +
        "Install it with an SDK, and preload the SDK by `node --import`. Or set tracing to auto or off.",
      options,
    );
    this.name = "TracingUnavailableError";
  }
}

/** How long the end of the program waits for the SDK, in ms: a collector may be away. */
const FLUSH_MAX_MS = 5_000;

/** What a worker that traces needs. */
export interface Tracing {
  telemetry: Telemetry;
  /** The ids of the active span, for a log line. */
  activeSpan(): TraceFields;
  /** Sends what the SDK still holds. Waits 5 s at most, and never rejects. */
  flush(): Promise<void>;
}

/** The part of the queue that needs OpenTelemetry. */
interface OpenTelemetryModule {
  openTelemetry(options: { errorText?(text: string, job: ClaimedJob): string }): Telemetry;
  activeTraceIds(): Parameters<typeof traceFields>[0];
  flushOpenTelemetry(): Promise<void>;
  isSdkRegistered(): boolean;
}

/** The options of `loadTracing`. */
export interface LoadTracingOptions {
  /** Changes the text of an error before a span gets it. Default: the text stays. */
  errorText?(text: string, job: ClaimedJob): string;
  /** Loads what needs OpenTelemetry. Default: `@millrace/queue/opentelemetry`. */
  load?(): Promise<OpenTelemetryModule>;
}

/**
 * Loads what tells OpenTelemetry of jobs. Returns null for `off`, and for `auto` if no SDK is registered. With `on`, a
 * module of tasks may register the SDK later.
 * Throws `TracingUnavailableError` (`TRACING_UNAVAILABLE`) for `on` if OpenTelemetry is not installed.
 */
export async function loadTracing(
  mode: Settings["tracing"],
  { errorText, load = () => import("@millrace/queue/opentelemetry") }: LoadTracingOptions = {},
): Promise<Tracing | null> {
  if (mode === "off") return null;
  try {
    const { openTelemetry, activeTraceIds, flushOpenTelemetry, isSdkRegistered } = await load();
    if (mode === "auto" && !isSdkRegistered()) return null;
    return {
      telemetry: openTelemetry(errorText === undefined ? {} : { errorText }),
      activeSpan: () => traceFields(activeTraceIds()),
      async flush() {
        const patience = new AbortController();
        const passed = pause(FLUSH_MAX_MS, undefined, { signal: patience.signal }).catch(() => undefined);
        await Promise.race([flushOpenTelemetry(), passed]);
        patience.abort();
      },
    };
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (mode === "auto") return null;
    throw new TracingUnavailableError({ cause: error });
  }
}

/** Whether an import failed because the API of OpenTelemetry is not installed. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes("@opentelemetry/api")
  );
}
