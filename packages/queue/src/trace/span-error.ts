import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { ERROR_TYPE } from "./attributes.ts";

/** An error as spans and metrics have it. */
export interface SpanError {
  /** The class of the error: of few different values. */
  type: string;
  /** The first line of the error's text; empty for none. */
  message: string;
  /** The whole text. */
  text: string;
}

/** The type of an error that has none. */
const OTHER = "_OTHER";

/** What V8 and every library call a class of errors. */
const NAME = /^[A-Za-z_$][\w$.]{0,99}$/;

/** The name that the pg driver gives to all errors of the server. Their code tells them apart. */
const SERVER_ERROR = "error";

/** Describes what an enqueue threw. A getter of a thrown value may throw, too. */
export function thrownError(thrown: unknown): SpanError {
  try {
    if (!(thrown instanceof Error)) return { type: OTHER, message: "", text: "" };
    const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
    const type = thrown.name === SERVER_ERROR && NAME.test(`_${code}`) && code !== "" ? code : thrown.name;
    return {
      type: type === code || NAME.test(type) ? type : OTHER,
      message: firstLine(thrown.message),
      text: thrown.stack ?? thrown.message,
    };
  } catch {
    return { type: OTHER, message: "", text: "" };
  }
}

/** Describes the error of an attempt by its text, which begins with the error's name. `shown` is the text to send. */
export function attemptError(text: string, shown: string): SpanError {
  const head = text.split("\n", 1)[0] ?? "";
  const name = head.slice(0, Math.max(0, head.indexOf(":")));
  const [, code] = /\[([0-9A-Z]{5})\]$/.exec(head) ?? [];
  const type = name === SERVER_ERROR && code !== undefined ? code : name;
  return {
    type: type === code || NAME.test(type) ? type : OTHER,
    message: firstLine(shown),
    text: shown,
  };
}

/** Records an error on a span. */
export function recordError(span: Span, { type, message, text }: SpanError): void {
  span.setAttribute(ERROR_TYPE, type);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === "" ? {} : { message }) });
  span.recordException({ name: type, message, ...(text === "" ? {} : { stack: text }) });
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 1_000);
}
