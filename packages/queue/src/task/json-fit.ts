import { kindOf } from "@millrace/base";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describeIssue, pathOf } from "./validate.ts";

/** Whether a value stays the same when it is written as JSON and read back. Must not be given a cyclic value. */
export function survivesJson(value: unknown): boolean {
  if (changesInJson(value)) return false;
  if (typeof value !== "object" || value === null) return true;
  if (!Array.isArray(value)) {
    for (const field of Object.values(value)) if (!survivesJson(field)) return false;
    return true;
  }
  // A loop by index, because `every` skips holes in an array. JSON writes null for a hole.
  for (let index = 0; index < value.length; index += 1) if (!survivesJson(value[index])) return false;
  return true;
}

/**
 * Returns the text of a schema's problem with a payload that was written as JSON and read back. If JSON changed the
 * value that has the problem, the text says how.
 */
export function misfitText(issue: StandardSchemaV1.Issue, given: unknown): string {
  const keys = pathOf(issue);
  let value = given;
  let depth = 0;
  for (; depth < keys.length && isReadable(value); depth += 1) value = value[keys[depth] ?? ""];
  // If the field is missing, the schema's message is clear enough.
  if (value === undefined || !changesInJson(value)) return describeIssue(issue);
  const path = keys.slice(0, depth).map(String).join(".");
  const change = `is ${named(value)} here and will be ${inJson(value)} when the job runs`;
  return `${at(path)}: ${change}; ${remedy(value)} (${issue.message})`;
}

/** Returns the reason why a payload cannot be written as JSON. */
export function unstorableText(value: unknown): string {
  const found = findUnstorable(value, { path: "", above: [] });
  if (found === null)
    return "the payload: cannot be written as JSON; give plain objects, lists, text and numbers";
  return `${at(found.path)}: ${found.reason}`;
}

/** Whether JSON changes the value itself. Does not look at the fields within the value. */
function changesInJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return false;
    case "number":
      return !Number.isFinite(value);
    case "object":
      return value !== null && !Array.isArray(value) && !isPlain(value);
    default:
      return true;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}

/** Whether a value is an object or array whose fields have the same names in its JSON. */
function isReadable(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !changesInJson(value);
}

function named(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  if (typeof value === "object" && value !== null) {
    return isPlain(value) ? "an object with toJSON" : `a ${kindOf(value)}`;
  }
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}

function inJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) return "left out";
  if (text.startsWith('"')) return "text";
  if (text === "null" || text === "{}") return text;
  return text.startsWith("{") ? "a plain object" : text.startsWith("[") ? "a list" : "another value";
}

function remedy(value: unknown): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return "use a schema that reads text, such as z.coerce.date(), or give an ISO string";
  }
  if (value instanceof Map || value instanceof Set) return "give a plain object or a list";
  return "give what JSON can carry";
}

interface Unstorable {
  path: string;
  reason: string;
}

function findUnstorable(
  value: unknown,
  { path, above }: { path: string; above: readonly unknown[] },
): Unstorable | null {
  if (typeof value === "bigint")
    return { path, reason: "is a bigint, which JSON cannot carry; give text or a number" };
  if (path === "" && (typeof value === "function" || typeof value === "symbol")) {
    return { path, reason: `is a ${typeof value}, which JSON cannot carry` };
  }
  if (typeof value !== "object" || value === null) return null;
  if (above.includes(value)) return { path, reason: "contains itself, which JSON cannot carry" };
  for (const [key, field] of Object.entries(value)) {
    const found = findUnstorable(field, {
      path: path === "" ? key : `${path}.${key}`,
      above: [...above, value],
    });
    if (found !== null) return found;
  }
  return null;
}

function at(path: string): string {
  return path === "" ? "the payload" : path;
}
