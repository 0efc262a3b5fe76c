import type { JobExplanation } from "@millrace/api/client";

/** A reason as the API sends it: a code, a text, and figures that depend on the code. */
export type Reason = JobExplanation["reasons"][number];

/** A figure of a reason that is text; null if there is none. */
export function textField(reason: Reason, name: string): string | null {
  const value = reason[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** A figure of a reason that is an instant; null if there is none. */
export function instantField(reason: Reason, name: string): string | null {
  const value = textField(reason, name);
  return value !== null && !Number.isNaN(Date.parse(value)) ? value : null;
}
