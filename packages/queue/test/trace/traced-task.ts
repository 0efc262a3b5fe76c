import { SpanKind } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type pg from "pg";
import type { EnqueueOptions, TaskContext, WorkerOptions } from "../../src/index.ts";
import { type OpenTelemetryOptions, openTelemetry } from "../../src/opentelemetry.ts";
import { type RunningTask, runTask } from "../run-worker.ts";

/** A worker of one task that tells of its runs. */
export function tracedTask(
  pool: pg.Pool,
  run: (payload: unknown, context: TaskContext) => unknown,
  { errorText, ...options }: Partial<WorkerOptions> & OpenTelemetryOptions = {},
): RunningTask {
  const telemetry = openTelemetry(errorText === undefined ? {} : { errorText });
  return runTask(pool, run, { telemetry, ...options });
}

/** Enqueues a job with a trace context of its own. */
export async function enqueueTraced(
  task: RunningTask,
  options: EnqueueOptions = {},
): Promise<{ id: string; traceId: string }> {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const traceContext = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "rojo=1" };
  return { id: await task.enqueue({}, { traceContext, ...options }), traceId };
}

/** The spans of runs. */
export function runsAmong(spans: readonly ReadableSpan[]): ReadableSpan[] {
  return spans.filter((span) => span.kind === SpanKind.CONSUMER);
}

/** The ids of the traces that a span is linked to. */
export function linksOf(span: ReadableSpan | undefined): string[] {
  return span?.links.map(({ context }) => context.traceId) ?? [];
}
