import { InvalidOptionError } from "@millrace/base";
import type { Telemetry } from "./telemetry.ts";

const METHODS = ["enqueue", "run", "tick"] as const satisfies (keyof Telemetry)[];

/** Refuses an option `telemetry` that is not made by `openTelemetry`. Throws `InvalidOptionError`. */
export function checkTelemetry(telemetry: unknown): void {
  const has = (name: string) =>
    // The cast is safe: a method of any object can be looked up by name.
    typeof (telemetry as Record<string, unknown>)[name] === "function";
  if (typeof telemetry === "object" && telemetry !== null && METHODS.every(has)) return;
  throw new InvalidOptionError("telemetry", "what `openTelemetry()` returns", telemetry);
}
