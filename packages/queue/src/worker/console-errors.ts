import type { Clock } from "@millrace/base";
import { ErrorLines } from "./error-lines.ts";
import type { WorkerEvent } from "./worker-event.ts";

/** Where a worker's errors go when nobody asked for its events. */
export interface ConsoleErrors {
  onEvent(event: WorkerEvent): void;
  onAnswer(): void;
}

/** Writes each error to the console, one line each: a silent worker would look well. */
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
