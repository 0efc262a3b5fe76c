import { InvalidOptionError } from "../errors.ts";

/** Checks that a value is an `AbortSignal` or undefined. Throws `InvalidOptionError` for any other value. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  // Checks the shape, not the class, because a signal may come from another realm.
  if (typeof signal === "object" && signal !== null && "aborted" in signal) return;
  throw new InvalidOptionError("signal", "an AbortSignal", signal);
}
