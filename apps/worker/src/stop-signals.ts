import { systemClock } from "@millrace/queue";

/** Signals that end the program, and the exit code that a shell reports for each signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Under npx or pnpm, one Ctrl-C arrives twice within this time: from the terminal, and from the parent process. */
const SAME_KEYPRESS_MS = 300;

/** A signal to stop the program. */
export interface StopSignals {
  /** Aborted by the first SIGTERM or SIGINT. The reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Removes the listeners. */
  dispose(): void;
}

/** Listens for SIGTERM and SIGINT. A second signal calls `exit` at once, unless it follows within 300 ms. */
export function stopSignals(exit: (code: number) => void): StopSignals {
  const controller = new AbortController();
  let firstAt = 0;
  const listen = (name: keyof typeof EXIT_CODES) => {
    if (!controller.signal.aborted) {
      firstAt = systemClock.now();
      controller.abort(name);
    } else if (systemClock.now() - firstAt > SAME_KEYPRESS_MS) exit(EXIT_CODES[name]);
  };
  process.on("SIGINT", listen);
  process.on("SIGTERM", listen);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", listen);
      process.off("SIGTERM", listen);
    },
  };
}
