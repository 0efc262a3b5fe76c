import type { TraceIds } from "@millrace/queue";

/** The fields of a log line that name a span, as OpenTelemetry names them for logs in other formats. */
export interface TraceFields {
  trace_id?: string;
  span_id?: string;
  /** Two hexadecimal digits. */
  trace_flags?: string;
}

/** Returns the fields for a span; none for null. */
export function traceFields(ids: TraceIds | null): TraceFields {
  if (ids === null) return {};
  const { traceId, spanId, traceFlags } = ids;
  return {
    trace_id: traceId,
    span_id: spanId,
    trace_flags: (traceFlags & 0xff).toString(16).padStart(2, "0"),
  };
}
