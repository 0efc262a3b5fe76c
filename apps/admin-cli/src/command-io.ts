/** Where a command writes text. */
export interface TextSink {
  write(text: string): unknown;
}

/** The parts of its process that a command may use. */
export interface CommandIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Reads this machine's clock. Only the preview of a cron expression without a database uses this clock. */
  now(): Date;
  readonly env: Readonly<Record<string, string | undefined>>;
}
