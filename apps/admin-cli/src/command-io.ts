import type { Clock } from "@millrace/base";
import type { Terminal } from "./terminal/terminal.ts";

/** Where a command writes text. */
export interface TextSink {
  write(text: string): unknown;
}

/** Where a command writes its answer. */
export interface OutputSink extends TextSink {
  /** Resolves once the sink takes more text. Resolves to false if nobody reads the text any more. */
  drained(): Promise<boolean>;
}

/** The parts of its process that a command may use. */
export interface CommandIo {
  readonly stdout: OutputSink;
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Reads this machine's clock. Only the preview of a cron expression without a database uses this clock. */
  now(): Date;
  /** The timers of this process. */
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Returns the name of the operating system's user, or undefined if the user has no name. */
  osUser(): string | undefined;
}
