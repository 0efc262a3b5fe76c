import { shown } from "./check/shown.ts";

/** The base class of all errors of the queue and the scheduler. `code` stays the same in all releases. */
export abstract class MillraceError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option or argument has the wrong type, or is out of range. Nothing was changed. */
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
 * The database gave no answer in time. PostgreSQL may have executed the statement. `code` is the code of a connection
 * that timed out, so `isTransient` returns true.
 */
export class NoAnswerError extends MillraceError {
  readonly code = "ETIMEDOUT";
  readonly waitedMs: number;
  constructor(what: string, waitedMs: number) {
    super(`${what} within ${waitedMs} ms.`);
    this.waitedMs = waitedMs;
  }
}

/** A package that only some applications need could not be loaded. */
export class MissingPackageError extends MillraceError {
  readonly code = "PACKAGE_MISSING";
  readonly packageName: string;
  constructor(packageName: string, { needed, cause }: { needed: string; cause: unknown }) {
    super(
      `The package ${packageName} is needed ${needed}, and cannot be loaded here. Install ${packageName}.`,
      {
        cause,
      },
    );
    this.packageName = packageName;
  }
}

/** This Node.js is older than Millrace needs. */
export class UnsupportedNodeError extends MillraceError {
  readonly code = "UNSUPPORTED_NODE";
}
