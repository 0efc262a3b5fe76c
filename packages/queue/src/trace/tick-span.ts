import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { FiredTick, TickTrace } from "../job/telemetry.ts";
import { jobAttributes, MESSAGE_ID, SCHEDULE_ID, SCHEDULE_NAME, TICK, TICK_AT } from "./attributes.ts";
import type { Instruments } from "./instruments.ts";
import { quietly } from "./quietly.ts";
import { traceContextOf } from "./span-context.ts";
import { recordError, thrownError } from "./span-error.ts";

/** Begins the span of a tick: a trace of its own. Null if no SDK is registered. */
export function tickTrace({ tracer }: Instruments, tick: FiredTick): TickTrace | null {
  return quietly(() => begin(tracer, tick)) ?? null;
}

function begin(tracer: Instruments["tracer"], tick: FiredTick): TickTrace | null {
  const active = trace.getSpanContext(context.active());
  const span = tracer.startSpan(
    `${TICK.name} ${tick.queue}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        ...jobAttributes(TICK, tick),
        [SCHEDULE_ID]: tick.scheduleId,
        [SCHEDULE_NAME]: tick.scheduleName,
        [TICK_AT]: tick.tickAt.toISOString(),
      },
      ...(active === undefined ? {} : { links: [{ context: active }] }),
    },
    ROOT_CONTEXT,
  );
  const stored = traceContextOf(span.spanContext());
  if (stored === null) return null;
  return {
    trace: stored,
    end(jobId, error) {
      quietly(() => {
        if (jobId !== null) span.setAttribute(MESSAGE_ID, jobId);
        if (error !== undefined) recordError(span, thrownError(error));
        span.end();
      });
    },
  };
}
