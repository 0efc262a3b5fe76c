const encoder = new TextEncoder();

/** One event of a stream as bytes, as the standard of server-sent events has it. */
export type Frame = Uint8Array;

/** Returns an event. Without a name, browsers call the event `message`. `data` is JSON, so it has no line break. */
export function eventFrame(data: unknown, name?: string): Frame {
  const event = name === undefined ? "" : `event: ${name}\n`;
  return encoder.encode(`${event}data: ${JSON.stringify(data)}\n\n`);
}

/** Returns the beginning of a stream: after how many ms a browser connects again when the connection is lost. */
export function beginningFrame(retryMs: number): Frame {
  return encoder.encode(`retry: ${retryMs}\n\n`);
}

/** A comment, which clients ignore. It shows proxies that the connection is in use. */
export const HEARTBEAT: Frame = encoder.encode(":\n\n");
