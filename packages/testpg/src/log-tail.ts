import type { Readable } from "node:stream";

/** Receives the server's log line by line, without line breaks. */
export type OnLog = (line: string) => void;

/** The last lines of a server's log. */
export interface LogTail {
  /** Reads a stream to its end, and passes each line on. */
  follow(stream: Readable): void;
  /** Returns the kept lines, joined by line breaks. */
  text(): string;
  /** Drops the kept lines, so that a new start is judged by its own log. */
  clear(): void;
}

// Enough lines for a failed start with its hints, and a limit to the memory that a running server's log takes.
const linesMax = 40;

/** Keeps the last lines of a log for error messages, and passes every line to `onLog`. */
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
