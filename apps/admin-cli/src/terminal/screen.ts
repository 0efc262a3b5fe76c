import type { OutputSink } from "../command-io.ts";

/** Escape sequences of a terminal: see ECMA-48 and the manual of xterm. */
const OPEN = "\u001b[?1049h\u001b[?25l";
const CLOSE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_TO_LINE_END = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** A terminal's screen that a command draws anew again and again. What stood there before comes back at the end. */
export interface Screen {
  /** Draws lines from the top. Lines below the screen's height are left out. */
  draw(text: string, rows: number | undefined): void;
  close(): void;
}

/** Opens the alternate screen of a terminal. The caller must close the screen. */
export function openScreen(stdout: OutputSink): Screen {
  stdout.write(OPEN);
  return {
    draw(text, rows) {
      const lines = text.split("\n").slice(0, rows === undefined ? undefined : Math.max(1, rows - 1));
      // Drawing over the old lines does not flicker; clearing first would.
      const drawn = lines.map((line) => `${line}${CLEAR_TO_LINE_END}`).join("\r\n");
      stdout.write(`${HOME}${drawn}\r\n${CLEAR_BELOW}`);
    },
    close: () => void stdout.write(CLOSE),
  };
}
