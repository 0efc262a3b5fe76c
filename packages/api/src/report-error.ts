import { randomUUID } from "node:crypto";
import type { ApiOptions } from "./api-options.ts";

/** Reports an error that nobody expected. Returns the id of the report, which may be sent. */
export function reportError({ onError = logError }: Pick<ApiOptions, "onError">, error: unknown): string {
  const requestId = randomUUID();
  try {
    onError(error, { requestId });
  } catch {
    // The request is answered also when the caller's function throws.
  }
  return requestId;
}

function logError(error: unknown, { requestId }: { requestId: string }): void {
  // biome-ignore lint/suspicious/noConsole: the one place that writes to the console, and only without `onError`.
  console.error(`millrace api: request ${requestId} failed:`, error);
}
