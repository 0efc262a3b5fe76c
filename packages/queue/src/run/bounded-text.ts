import { inspect, types } from "node:util";

/**
 * How deep objects are printed, how many values in all, how many entries of one object, how many characters of a text.
 */
const DEPTH_MAX = 3;
const VALUES_MAX = 100;
const ENTRIES_MAX = 20;
const TEXT_MAX = 500;

/** Keys whose values are mostly secrets. */
const SECRET = /passw|passphrase|secret|token|authorization|cookie|api[-_]?key|credential|private[-_]?key/i;

/** Types of values that are not secret, even under such a key: a number of tokens, or whether there is a cookie. */
const HARMLESS: ReadonlySet<string> = new Set(["number", "boolean", "undefined"]);

/**
 * Any value as text for people. Reads only a bounded part of the value: an error may hold a whole request with its
 * socket, and `inspect` alone would read all of it. Calls no getter, no proxy trap, and no inspection function of the
 * value.
 */
export function boundedText(value: unknown): string {
  return textOf(value, { depth: 0, budget: { left: VALUES_MAX } });
}

/**
 * The own enumerable fields of an object that have a value, each as `name: value`, without the fields that `isLeftOut`
 * names.
 */
export function fieldLines(value: object, isLeftOut: (name: string, value: unknown) => boolean): string[] {
  return fieldsOf(value, { depth: 0, budget: { left: VALUES_MAX } }, isLeftOut);
}

/** How deep a value lies in the printed value, and how many values may still be printed. */
interface Bounds {
  depth: number;
  budget: { left: number };
}

function textOf(value: unknown, bounds: Bounds): string {
  bounds.budget.left -= 1;
  if (typeof value === "string") return inspect(shortened(value));
  if (typeof value === "function") return "[Function]";
  if (typeof value !== "object" || value === null) return shortened(inspect(value));
  if (types.isProxy(value)) return "[Proxy]";
  if (types.isNativeError(value)) {
    return `[Error: ${shortened(String(Object.getOwnPropertyDescriptor(value, "message")?.value ?? ""))}]`;
  }
  const isArray = Array.isArray(value);
  if (!isArray && isBuiltIn(value)) {
    return shortened(
      inspect(value, { depth: 0, customInspect: false, maxArrayLength: 10, breakLength: 1_000 }),
    );
  }
  if (bounds.depth >= DEPTH_MAX || bounds.budget.left <= 0) return isArray ? "[Array]" : "[Object]";
  const inside = { depth: bounds.depth + 1, budget: bounds.budget };
  if (!isArray) {
    const fields = fieldsOf(value, inside, () => false);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  const elements: string[] = [];
  for (const element of value) {
    if (elements.length >= ENTRIES_MAX || inside.budget.left <= 0) break;
    elements.push(textOf(element, inside));
  }
  if (elements.length < value.length) elements.push(`… ${value.length - elements.length} more`);
  return `[${elements.join(", ")}]`;
}

function fieldsOf(
  value: object,
  bounds: Bounds,
  isLeftOut: (name: string, value: unknown) => boolean,
): string[] {
  const names = Object.keys(value);
  const fields: string[] = [];
  for (const [index, name] of names.entries()) {
    if (fields.length >= ENTRIES_MAX || bounds.budget.left <= 0) {
      fields.push(`… ${names.length - index} more`);
      break;
    }
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property === undefined || isLeftOut(name, property.value)) continue;
    if (property.get === undefined && property.value === undefined) continue;
    const isSecret = SECRET.test(name) && !HARMLESS.has(typeof property.value);
    const text =
      property.get !== undefined ? "[Getter]" : isSecret ? "[hidden]" : textOf(property.value, bounds);
    fields.push(`${/^[\w$-]+$/.test(name) ? shortened(name) : JSON.stringify(shortened(name))}: ${text}`);
  }
  return fields;
}

/** Whether a value keeps its content elsewhere than in fields: a date, a map, a buffer and the like. */
function isBuiltIn(value: object): boolean {
  const { isBoxedPrimitive, isDate, isMap, isRegExp, isSet, isAnyArrayBuffer } = types;
  const kinds = [isBoxedPrimitive, isDate, isMap, isRegExp, isSet, isAnyArrayBuffer, ArrayBuffer.isView];
  return kinds.some((isKind) => isKind(value));
}

function shortened(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
