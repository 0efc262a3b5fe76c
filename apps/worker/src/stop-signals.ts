import { systemClock } from "@millrace/queue";

/** Signals that end the program, and what a shell reports for a program that died of them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** One Ctrl-C reaches a program twice when npx or pnpm runs it: from the terminal, and passed on by its parent. */
const SAME_KEYPRESS_MS = 300;

/** How a program is told to stop. */
export interface StopSignals {
  /** Aborted by the first SIGTERM or SIGINT; the reason is its name. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/** Listens for SIGTERM and SIGINT. A second one, unless it follows within 300 ms, calls `exit` at once. */
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
