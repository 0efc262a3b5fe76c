/** How many characters of a value an error message shows. */
const SHOWN_MAX = 80;

/**
 * Returns a value as text for an error message. For an object, the text has only the class or the names of the fields,
 * because the fields may contain secrets, such as a password.
 */
export function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 3)}...` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `an array of ${value.length}`;
  const kind = kindOf(value);
  if (kind !== "Object") return `an object of the class ${kind}`;
  const fields = Object.keys(value);
  return fields.length === 0 ? "{}" : `an object with ${fields.join(", ")}`;
}

/** Returns the name of an object's class; `Object` for an object without a class. */
export function kindOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const made: unknown = typeof prototype === "object" && prototype !== null ? prototype.constructor : Object;
  return typeof made === "function" && made.name !== "" ? made.name : "Object";
}
