import { shown } from "./check/shown.ts";

/** Every error of the queue and the scheduler. `code` is stable: callers and logs match on it. */
export abstract class MillraceError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A setting is out of range or of the wrong kind. */
export class InvalidOptionError extends MillraceError {
  readonly code = "INVALID_OPTION";
  readonly option: string;
  constructor(option: string, expected: string, found: unknown);
  constructor(option: string, said: { message: string });
  constructor(option: string, expected: string | { message: string }, found?: unknown) {
    super(
      typeof expected === "string"
        ? `Expected \`${option}\` to be ${expected}, got ${shown(found)}.`
        : expected.message,
    );
    this.option = option;
  }
}

/**
 * The database gave no answer in time. The statement may have been executed. Its code is the code of a connection that
 * timed out, so the statement may be sent again.
 */
export class NoAnswerError extends MillraceError {
  readonly code = "ETIMEDOUT";
  readonly waitedMs: number;
  constructor(what: string, waitedMs: number) {
    super(`${what} within ${waitedMs} ms.`);
    this.waitedMs = waitedMs;
  }
}
