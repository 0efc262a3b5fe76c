import { durationText } from "./duration.ts";

const NAMES: Readonly<Record<string, string>> = {
  backoff: "Backoff",
  timeoutMs: "Time-out",
  retentionMs: "Kept after its end",
  deadLetter: "Dead letter",
};

/** The name of a job's setting, for people. */
export function settingName(name: string): string {
  return NAMES[name] ?? name;
}

/** The value of a job's setting, for people. A value of an unknown form is shown as JSON. */
export function settingText(name: string, value: unknown): string {
  if (typeof value === "number" && name.endsWith("Ms")) return durationText(value);
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    const fields = value as Readonly<Record<string, unknown>>;
    if (name === "backoff") return backoffText(fields) ?? JSON.stringify(value);
    if (name === "deadLetter") return deadLetterText(fields) ?? JSON.stringify(value);
  }
  return value === null ? "none" : JSON.stringify(value);
}

/** Such as `first 5 s, at most 5 min`. Null for fields that are not known. */
function backoffText({ baseMs, capMs, jitterMs, ...rest }: Readonly<Record<string, unknown>>): string | null {
  if (Object.keys(rest).length > 0) return null;
  const parts = [
    typeof baseMs === "number" ? [`first ${durationText(baseMs)}`] : [],
    typeof capMs === "number" ? [`at most ${durationText(capMs)}`] : [],
    typeof jitterMs === "number" ? [`jitter ${durationText(jitterMs)}`] : [],
  ].flat();
  return parts.length === 0 ? null : parts.join(", ");
}

function deadLetterText({ type, queue, ...rest }: Readonly<Record<string, unknown>>): string | null {
  if (typeof type !== "string" || Object.keys(rest).length > 0) return null;
  return typeof queue === "string" ? `${type} in ${queue}` : type;
}
