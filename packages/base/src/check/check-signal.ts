import { InvalidOptionError } from "../errors.ts";

/** Refuses a value that is neither undefined nor an `AbortSignal`. Throws `InvalidOptionError`. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  // By its shape, because a signal may come from another realm.
  if (typeof signal === "object" && signal !== null && "aborted" in signal) return;
  throw new InvalidOptionError("signal", "an AbortSignal", signal);
}
