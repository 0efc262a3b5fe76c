import { inspect } from "node:util";

/** More than this of an error's text helps nobody, and a row should stay small. Characters. */
const ERROR_TEXT_MAX = 16_000;

/** An error as text for people: message, code and stack, then its causes. Never throws, whatever was thrown. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  do {
    parts.push(describe(current));
    current = causeOf(current);
  } while (parts.length < 5 && current !== undefined);
  const text = parts.join("\nCaused by: ");
  return text.length <= ERROR_TEXT_MAX ? text : `${text.slice(0, ERROR_TEXT_MAX)}… (cut)`;
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.cause : undefined;
  } catch {
    // As below.
    return undefined;
  }
}

function describe(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error === "string" ? error : inspect(error, { depth: 2 });
    const code = "code" in error && typeof error.code === "string" ? ` [${error.code}]` : "";
    const head = `${error.name}: ${error.message}`;
    const stack = error.stack ?? head;
    // V8's stack begins with the name and message the error had when it was made.
    const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
    return [`${head}${code}`, ...frames].join("\n");
  } catch {
    // A thrown Proxy or a getter that throws must not take the worker down with it.
    return "An error that cannot be described was thrown";
  }
}
