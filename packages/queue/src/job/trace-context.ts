import type { JobSettings } from "@millrace/schema/values";

/** The trace that a job belongs to, as W3C Trace Context writes it. */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>` in lower case hexadecimal digits. */
  traceparent: string;
  /** Data of tracing vendors: up to 32 members, up to 512 characters in all. */
  tracestate?: string;
}

/**
 * The version 00 of W3C Trace Context, and whatever a later version begins with. All zeros is no trace, and no span.
 */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Bounds what is read of a traceparent of a later version. */
const TRACEPARENT_LENGTH_MAX = 512;

/** W3C asks that at least this many characters are passed on. A longer tracestate is left out whole. */
const TRACESTATE_LENGTH_MAX = 512;

const TRACESTATE_MEMBERS_MAX = 32;

/** The key of a member of a tracestate: a vendor, or a tenant and its vendor. */
const TRACESTATE_KEY =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;

/** The value of a member: printable ASCII without comma and equals sign, and without a space at its end. */
const TRACESTATE_VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/**
 * Returns a trace context to store or to use; null if the traceparent is not valid. A traceparent of a later version is
 * rewritten as version 00, as W3C asks. A tracestate that is not valid is left out: a bad header must not fail the work
 * that it came with.
 */
export function validTrace(traceparent: unknown, tracestate?: unknown): TraceContext | null {
  if (typeof traceparent !== "string" || traceparent.length > TRACEPARENT_LENGTH_MAX) return null;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  // Version 00 has four parts, and no more.
  if (traceId === undefined || (traceparent.startsWith("00") && traceparent.length !== 55)) return null;
  const own = { traceparent: `00-${traceId}-${spanId}-${flags}` };
  const state = validState(tracestate);
  return state === null ? own : { ...own, tracestate: state };
}

function validState(tracestate: unknown): string | null {
  if (typeof tracestate !== "string" || tracestate.length > TRACESTATE_LENGTH_MAX) return null;
  const members = tracestate
    .split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const isValid = members.every(isMember);
  if (!isValid || members.length === 0 || members.length > TRACESTATE_MEMBERS_MAX) return null;
  return members.join(",");
}

function isMember(member: string): boolean {
  const at = member.indexOf("=");
  return TRACESTATE_KEY.test(member.slice(0, Math.max(0, at))) && TRACESTATE_VALUE.test(member.slice(at + 1));
}

/** Returns the trace context of a job; null for most jobs. SQL may have put any JSON into the settings. */
export function traceOf(settings: JobSettings | null): TraceContext | null {
  return settings?.traceparent === undefined ? null : validTrace(settings.traceparent, settings.tracestate);
}

/** The parts of a valid traceparent. */
export interface TraceIds {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** Bit 1: the trace is sampled. */
  traceFlags: number;
}

/** Returns the parts of the traceparent of a valid trace context. */
export function traceIdsOf({ traceparent }: TraceContext): TraceIds {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
