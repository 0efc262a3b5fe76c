import { InvalidOptionError } from "../errors.ts";

/** Refuses what is no `AbortSignal`, if anything is given. Throws `InvalidOptionError`. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  // By its shape, because a signal may come from another realm.
  if (typeof signal === "object" && signal !== null && "aborted" in signal) return;
  throw new InvalidOptionError("signal", "an AbortSignal", signal);
}
