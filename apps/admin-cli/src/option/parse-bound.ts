import { parseFuture, type TypedInstant } from "./parse-instant.ts";

/** Parses the start or end of a window: an instant, or `none` for no bound. Throws `InvalidArgumentError` otherwise. */
export function parseBound(text: string): TypedInstant | "none" {
  return text === "none" ? text : parseFuture(text);
}
