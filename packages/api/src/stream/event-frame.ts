const encoder = new TextEncoder();

/** One event of a stream as bytes, as the standard of server-sent events has it. */
export type Frame = Uint8Array;

/** Returns an event. Without a name, browsers call the event `message`. `data` is JSON, so it has no line break. */
export function eventFrame(data: unknown, name?: string): Frame {
  const event = name === undefined ? "" : `event: ${name}\n`;
  return encoder.encode(`${event}data: ${JSON.stringify(data)}\n\n`);
}

/** How long a browser waits after the last event of a stream before it opens the stream again, in ms: a day. */
const REOPEN_MS = 86_400_000;

/**
 * Returns the last event of a stream, after which nothing follows. A page that does not close the stream costs little.
 */
export function lastFrame(data: unknown, name: string): Frame {
  return encoder.encode(`retry: ${REOPEN_MS}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Returns the beginning of a stream: after how many ms a browser connects again when the connection is lost. */
export function beginningFrame(retryMs: number): Frame {
  return encoder.encode(`retry: ${retryMs}\n\n`);
}

/** A comment, which clients ignore. It shows proxies that the connection is in use. */
export const HEARTBEAT: Frame = encoder.encode(":\n\n");
