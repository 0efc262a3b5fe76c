import { nearName } from "./near-name.ts";
import { shown } from "./shown.ts";

/** A problem of an object's fields. `field` is null when the value is not an object. */
export interface FieldProblem {
  field: string | null;
  /** The words after the name of the field or of the object, such as `is unknown; did you mean ...`. */
  reason: string;
}

/** Returns the first problem that `checkFields` would refuse, or null. Allocates nothing when the object is right. */
export function fieldProblem(value: unknown, known: readonly string[]): FieldProblem | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { field: null, reason: `must be an object with ${list(known)}, got ${shown(value)}.` };
  }
  // The cast is safe: an object may be read by its own names.
  const fields = value as Record<string, unknown>;
  for (const field in fields) {
    if (!known.includes(field)) return { field, reason: unknownReason(field, known) };
    if (fields[field] === undefined) {
      return { field, reason: "is undefined; give it a value, or leave the field out." };
    }
  }
  return null;
}

/**
 * Returns the names of all fields of a type, for `checkFields`. The compiler refuses a list that lacks a field of the
 * type.
 */
export function fieldNames<T extends object>(fields: Readonly<Record<keyof T, true>>): readonly string[] {
  return Object.keys(fields);
}

function unknownReason(field: string, known: readonly string[]): string {
  const near = nearName(field, known);
  return near === undefined
    ? `is unknown; the known fields are ${list(known)}.`
    : `is unknown; did you mean \`${near}\`?`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
