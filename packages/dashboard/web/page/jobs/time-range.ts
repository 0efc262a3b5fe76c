import { parseDuration } from "../../text/duration.ts";

/** A range of time in a filter: the last while, or from one instant to another, each of which may be open. */
export type TimeRange =
  | { kind: "last"; ms: number; text: string }
  | { kind: "between"; from: Date | null; to: Date | null };

/** The bounds of a range. */
export interface RangeBounds {
  after: Date | null;
  before: Date | null;
}

/**
 * Reads a range as it stands in the address: `24h` for the last 24 hours, or two instants with `..` between them. Null
 * for any other text.
 */
export function parseRange(text: string): TimeRange | null {
  const [from, to, ...rest] = text.split("..");
  if (from === undefined || rest.length > 0) return null;
  if (to === undefined) {
    const ms = parseDuration(text);
    return ms === null || ms === 0 ? null : { kind: "last", ms, text: text.trim() };
  }
  const [after, before] = [instantOrOpen(from), instantOrOpen(to)];
  if (after === undefined || before === undefined || (after === null && before === null)) return null;
  return { kind: "between", from: after, to: before };
}

/** Writes a range as `parseRange` reads it. */
export function rangeParam(range: TimeRange): string {
  if (range.kind === "last") return range.text;
  return `${range.from?.toISOString() ?? ""}..${range.to?.toISOString() ?? ""}`;
}

/** The bounds of a range, seen from now. */
export function rangeBounds(range: TimeRange, now: Date): RangeBounds {
  if (range.kind === "between") return { after: range.from, before: range.to };
  return { after: new Date(now.getTime() - range.ms), before: null };
}

/** An instant, null for an empty text, or undefined for text that is no instant. */
function instantOrOpen(text: string): Date | null | undefined {
  if (text === "") return null;
  const at = new Date(text);
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(at.getTime()) ? at : undefined;
}
