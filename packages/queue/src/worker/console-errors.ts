import type { Clock } from "@millrace/base";
import { ErrorLines } from "./error-lines.ts";
import type { WorkerEvent } from "./worker-event.ts";

/** Where a worker's events go if its options have no `onEvent`. */
export interface ConsoleErrors {
  onEvent(event: WorkerEvent): void;
  onAnswer(): void;
}

/** Writes errors to the console, one line each, so that a worker without `onEvent` does not fail silently. */
export function consoleErrors(clock: Clock): ConsoleErrors {
  const lines = new ErrorLines();
  return {
    onEvent: (event) => write(lines.of(event, clock.now())),
    onAnswer: () => write(lines.answered()),
  };
}

function write(line: string | null): void {
  // biome-ignore lint/suspicious/noConsole: the one place that writes to the console, and only without `onEvent`.
  if (line !== null) console.error(line);
}
