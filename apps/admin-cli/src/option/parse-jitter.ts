import { JITTER_MS_MAX } from "@millrace/scheduler";
import { InvalidArgumentError } from "commander";
import { parseDelay } from "./parse-delay.ts";

/** Parses a schedule's jitter: a delay of at most one day. Returns ms. Throws `InvalidArgumentError`. */
export function parseJitter(text: string): number {
  const jitterMs = parseDelay(text);
  if (jitterMs <= JITTER_MS_MAX) return jitterMs;
  throw new InvalidArgumentError("Expected a jitter of at most 1d, such as 30s.");
}
