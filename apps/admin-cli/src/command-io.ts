/** Where a command writes text. */
export interface TextSink {
  write(text: string): unknown;
}

/** Everything a command knows of the process it runs in. */
export interface CommandIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** This machine's clock: only for what is shown of a cron expression without a database. */
  now(): Date;
  readonly env: Readonly<Record<string, string | undefined>>;
}
