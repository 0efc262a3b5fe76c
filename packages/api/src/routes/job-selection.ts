import type { z } from "@hono/zod-openapi";
import type { JobSelection, JsonValue } from "@millrace/queue";
import type { jobSelection } from "../contract/job.ts";
import { jsonDepth } from "../json/json-depth.ts";
import { ApiError } from "../problem/api-error.ts";
import type { Redactor } from "../redact/redactor.ts";
import { invalidRequest } from "../security/parsed.ts";
import { withoutUndefined } from "../without-undefined.ts";

/** A selection of jobs, as a request has it. */
type Asked = z.output<typeof jobSelection>;

/** How deep JSON of a job may be nested in a request. PostgreSQL takes some thousands. */
const JSON_DEPTH_MAX = 500;

/**
 * Returns a selection of jobs as the library reads it. Throws `ApiError` for malformed JSON, and for a filter by a
 * value at a redacted path.
 */
export function selectionOf(asked: Asked, redact: Redactor): JobSelection {
  const { payloadContains, createdBefore, createdAfter, finishedBefore, finishedAfter, dueBefore, ...rest } =
    asked;
  return withoutUndefined({
    ...rest,
    payloadContains: payloadContains === undefined ? undefined : contained(payloadContains, redact),
    createdBefore: instantOf(createdBefore),
    createdAfter: instantOf(createdAfter),
    finishedBefore: instantOf(finishedBefore),
    finishedAfter: instantOf(finishedAfter),
    dueBefore: instantOf(dueBefore),
  });
}

/** Returns an instant of a request as a Date. */
export function instantOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

/** Returns the value of a JSON text of a request. Throws `ApiError`. */
export function jsonOf(field: string, text: string): JsonValue {
  if (jsonDepth(text) > JSON_DEPTH_MAX) {
    throw invalidRequest(field, `the JSON is nested more than ${JSON_DEPTH_MAX} deep`);
  }
  try {
    // The cast is safe: JSON.parse returns nothing else.
    return JSON.parse(text) as JsonValue;
  } catch {
    throw invalidRequest(field, "it is not JSON");
  }
}

function contained(text: string, redact: Redactor): JsonValue {
  const value = jsonOf("payloadContains", text);
  const path = redact.pathInFilter(text);
  if (path === null) return value;
  throw new ApiError({
    status: 400,
    code: "REDACTED_FILTER",
    field: "payloadContains",
    detail: `\`payloadContains\` names a value at the redacted path ${path}: a list by it would tell what is there.`,
  });
}
