import { InvalidOptionError } from "@millrace/base";
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema's answer about a value: the schema's output, or the problems. */
export type Validation =
  | { ok: true; value: unknown }
  | { ok: false; issues: readonly StandardSchemaV1.Issue[] };

/** Throws `InvalidOptionError` for a value that is not a Standard Schema. */
export function checkSchema(option: string, value: unknown): void {
  // Some validators are functions.
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
  const standard: unknown = isHolder && "~standard" in value ? value["~standard"] : undefined;
  if (typeof standard === "object" && standard !== null && "validate" in standard) {
    if (typeof standard.validate === "function") return;
  }
  throw new InvalidOptionError(option, "a Standard Schema, such as zod's z.object({ ... })", value);
}

/** Validates a value. Returns a promise only if the validator does. */
export function validate(schema: StandardSchemaV1, value: unknown): Validation | Promise<Validation> {
  // Most validators return no promise. An `await` would still cost every job a turn of the event loop.
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(asValidation) : asValidation(result);
}

function asValidation(result: StandardSchemaV1.Result<unknown>): Validation {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues };
}

/** Returns a problem as text that begins with the field that has the problem. */
export function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = pathOf(issue).map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

/** Returns the names of the fields on the way to the value that has the problem. */
export function pathOf(issue: StandardSchemaV1.Issue): readonly PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
}
