/** The payload of every job of every peer: about 120 bytes of JSON. */
export interface Payload {
  n: number;
  /** The `monotonicMs()` at which the enqueue call began; 0 in a run that measures no latency. */
  sentAt: number;
  body: string;
}

const body = "x".repeat(80);

/** Makes the payload of the n-th job. */
export function payload(n: number, sentAt = 0): Payload {
  return { n, sentAt, body };
}

/** Makes `count` payloads, numbered from `from`. */
export function payloads(count: number, from = 0): Payload[] {
  return Array.from({ length: count }, (_, index) => payload(from + index));
}
