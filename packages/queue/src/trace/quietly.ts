import { diag } from "@opentelemetry/api";

/**
 * Does something with the tracing library, and returns undefined if that throws. A sampler, a processor or an exporter
 * of the program may throw. No job may be lost or fail because of that: the library's diagnostic log tells of it.
 */
export function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    diag.error("@millrace/queue: the tracing library threw an error", error);
    return undefined;
  }
}
