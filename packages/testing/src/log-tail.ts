import type { Readable } from "node:stream";

/** Receives the server's log, one line at a time, without the line break. */
export type OnLog = (line: string) => void;

/** The last lines of a server's log. */
export interface LogTail {
  /** Reads a stream to its end, passing each line on. */
  follow(stream: Readable): void;
  /** The lines kept, joined by line breaks. */
  text(): string;
  /** Forgets the lines kept, so that a new start is judged by its own log. */
  clear(): void;
}

// Enough for a failed start with its hints; a running server's log does not grow in memory.
const linesMax = 40;

/** Keeps the tail of a log for error messages and passes every line to `onLog`. */
export function logTail(onLog: OnLog | undefined): LogTail {
  const lines: string[] = [];
  const add = (line: string): void => {
    if (line === "") return;
    lines.push(line);
    if (lines.length > linesMax) lines.shift();
    onLog?.(line);
  };
  return {
    follow(stream) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => {
        const parts = (rest + chunk).split("\n");
        rest = parts.pop() ?? "";
        for (const part of parts) add(part.trimEnd());
      });
      stream.on("end", () => add(rest));
    },
    text: () => lines.join("\n"),
    clear: () => {
      lines.length = 0;
    },
  };
}
