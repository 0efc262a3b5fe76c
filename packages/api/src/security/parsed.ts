import type { z } from "@hono/zod-openapi";
import { ApiError } from "../problem/api-error.ts";

/** What zod found wrong with a value. */
type Issue = z.core.$ZodIssue;

/** Parses a part of a request by its schema. Throws `ApiError`, which names the first wrong field. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = innermost(result.error.issues);
  const field = issue === undefined ? "" : fieldOf(issue);
  throw invalidRequest(field, issue?.message ?? "is not valid");
}

/** The refusal of a request with a field that is wrong. */
export function invalidRequest(field: string, reason: string): ApiError {
  return new ApiError({
    status: 400,
    code: "INVALID_REQUEST",
    detail: field === "" ? `The request is not valid: ${reason}.` : `\`${field}\` is not valid: ${reason}.`,
    ...(field === "" ? {} : { field }),
  });
}

/** Returns the first issue; of a union, the first issue of the choice that has the fewest issues. */
function innermost(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues;
  if (first?.code !== "invalid_union" || first.errors.length === 0) return first;
  const [best = []] = [...first.errors].sort((a, b) => weightOf(a) - weightOf(b));
  const inner = innermost(best);
  return inner === undefined ? first : { ...inner, path: [...first.path, ...inner.path] };
}

const weightOf = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1), 0);

function fieldOf(issue: Issue): string {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  return [...issue.path, ...unknown].map(String).join(".").slice(0, 200);
}
