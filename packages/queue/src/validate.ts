import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidOptionError } from "./errors.ts";

/** What a schema says of a value: what it yields, or what is wrong. */
export type Validation = { ok: true; value: unknown } | { ok: false; problems: string[] };

/** Refuses what is no Standard Schema. Throws `InvalidOptionError`. */
export function checkSchema(option: string, value: unknown): void {
  // Some validators are functions.
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
  const standard: unknown = isHolder && "~standard" in value ? value["~standard"] : undefined;
  if (typeof standard === "object" && standard !== null && "validate" in standard) {
    if (typeof standard.validate === "function") return;
  }
  throw new InvalidOptionError(option, "a Standard Schema, such as zod's z.object({ ... })", value);
}

/** Asks any Standard Schema validator. Not a promise when the validator answers at once. */
export function validate(schema: StandardSchemaV1, value: unknown): Validation | Promise<Validation> {
  // Most validators answer at once, and awaiting what is there already costs every job a turn of the event loop.
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(asValidation) : asValidation(result);
}

function asValidation(result: StandardSchemaV1.Result<unknown>): Validation {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, problems: result.issues.map(describeIssue) };
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
