import { types } from "node:util";
import { boundedText, fieldLines } from "./bounded-text.ts";

/** How many characters of an error's text are kept, so that a row stays small. */
export const ERROR_TEXT_MAX = 16_000;

/** How many characters of one error's message, frames and fields are printed, so that there is room for its causes. */
const MESSAGE_MAX = 4_000;
const FRAMES_MAX = 3_000;
const FIELDS_MAX = 2_000;

/** How many errors are printed: the thrown error, its causes, and the errors that an `AggregateError` holds. */
const ERRORS_MAX = 10;

/**
 * Any thrown value as text for people: name, message, code, stack and own fields, then its causes and the errors it
 * holds. The text is bounded. It leaves out values under keys that name a secret, and the parameters of a failed query.
 * Never throws.
 */
export function errorText(thrown: unknown): string {
  const parts: string[] = [];
  const told = new Set<unknown>();
  let next: Labelled[] = [{ label: "", error: thrown }];
  for (let each = next.shift(); each !== undefined && parts.length < ERRORS_MAX; each = next.shift()) {
    if (told.has(each.error)) continue;
    told.add(each.error);
    parts.push(`${each.label}${describe(each.error)}`);
    // Print the causes of this error before the other errors of its `AggregateError`.
    next = [...within(each.error), ...next];
  }
  return cut(parts.join("\n"), ERROR_TEXT_MAX);
}

/** An error, and a label that says how it belongs to the error before it. */
interface Labelled {
  label: string;
  error: unknown;
}

/** The errors that an error holds: those of an `AggregateError`, then its cause. */
function within(error: unknown): Labelled[] {
  const found: Labelled[] = [];
  try {
    if (!isError(error)) return [];
    const { errors } = error as { errors?: unknown };
    if (isAggregate(error) && Array.isArray(errors)) {
      for (const [index, each] of errors.slice(0, ERRORS_MAX).entries()) {
        found.push({ label: `Error ${index + 1} of ${errors.length}: `, error: each });
      }
    }
    if (error.cause !== undefined) found.push({ label: "Caused by: ", error: error.cause });
  } catch {
    // If a getter throws, keep what was found before.
  }
  return found;
}

function describe(thrown: unknown): string {
  return orElse("An error that cannot be described was thrown", () => {
    if (!isError(thrown)) return typeof thrown === "string" ? cut(thrown, MESSAGE_MAX) : boundedText(thrown);
    const message = messageOf(thrown);
    const code = "code" in thrown && typeof thrown.code === "string" ? ` [${thrown.code}]` : "";
    const head = `${thrown.name}: ${cut(message, MESSAGE_MAX)}${code}`;
    const more = [orElse("", () => framesOf(thrown)), orElse("", () => fieldsOf(thrown, message))];
    return [head, ...more.filter((part) => part !== "")].join("\n");
  });
}

/**
 * The text that `describing` returns, or `otherwise` if it throws: a thrown proxy or a getter must not end the worker.
 */
function orElse(otherwise: string, describing: () => string): string {
  try {
    return describing();
  } catch {
    return otherwise;
  }
}

/** The error's message, without the parameters with which Drizzle ends the message of a failed query. */
function messageOf(error: Error): string {
  const { query } = error as { query?: unknown };
  if (typeof query !== "string") return error.message;
  const failed = `Failed query: ${query}`;
  return error.message.startsWith(failed) ? failed : error.message;
}

/**
 * The frames of the error's stack. V8 begins a stack with the name and message that the error had when it was made:
 * both are left out, because the text has them already.
 */
function framesOf(error: Error): string {
  const { stack, message } = error;
  if (typeof stack !== "string") return "";
  const messageAt = message === "" ? -1 : stack.indexOf(message);
  const after = messageAt === -1 ? stack : stack.slice(messageAt + message.length);
  const frames = after.split("\n").filter((line) => /^\s+at /.test(line));
  return cut(frames.join("\n"), FRAMES_MAX);
}

/** Fields that another part of the text has. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(["name", "message", "stack", "cause"]);

/** The names that drivers and query builders give to a query's parameters. Parameters may be private data. */
const PARAMETERS: ReadonlySet<string> = new Set(["params", "parameters", "bindings", "values", "args"]);

/** An error's own enumerable fields, one per line. */
function fieldsOf(error: Error, message: string): string {
  const { query, sql } = error as { query?: unknown; sql?: unknown };
  const isOfQuery = typeof query === "string" || typeof sql === "string";
  const isAggregated = isAggregate(error);
  const lines = fieldLines(error, (name, value) => {
    if (TOLD_ELSEWHERE.has(name)) return true;
    if (name === "code") return typeof value === "string";
    if (name === "errors") return isAggregated;
    return isOfQuery && (PARAMETERS.has(name) || (typeof value === "string" && message.endsWith(value)));
  });
  return cut(lines.map((line) => `    ${line}`).join("\n"), FIELDS_MAX);
}

/** Also true for an error of another realm, such as a `vm` context. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function isAggregate(error: Error): boolean {
  return error instanceof AggregateError || error.name === "AggregateError";
}

const CUT = "… (cut)";

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - CUT.length)}${CUT}`;
}
