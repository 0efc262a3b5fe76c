import { createTraceState, isSpanContextValid, type SpanContext } from "@opentelemetry/api";
import { type TraceContext, traceIdsOf, validTrace } from "../job/trace-context.ts";
import { quietly } from "./quietly.ts";

/** Returns a stored trace context as the context of a span of another process. */
export function spanContextOf(stored: TraceContext): SpanContext {
  const { tracestate } = stored;
  return {
    ...traceIdsOf(stored),
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  };
}

/** Returns the context of a span as it is stored; null for a context that is not valid, as without an SDK. */
export function traceContextOf(span: SpanContext): TraceContext | null {
  if (!isSpanContextValid(span)) return null;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
  const state = quietly(() => span.traceState?.serialize());
  return validTrace(`00-${span.traceId}-${span.spanId}-${flags}`, state);
}
