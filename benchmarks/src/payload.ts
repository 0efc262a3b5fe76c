/** What every job of every peer carries: about 120 bytes of JSON. */
export interface Payload {
  n: number;
  /** When the enqueue call began, as `monotonicMs()`; 0 where no latency is measured. */
  sentAt: number;
  body: string;
}

const body = "x".repeat(80);

/** The payload of the n-th job. */
export function payload(n: number, sentAt = 0): Payload {
  return { n, sentAt, body };
}

/** `count` payloads, numbered from `from`. */
export function payloads(count: number, from = 0): Payload[] {
  return Array.from({ length: count }, (_, index) => payload(from + index));
}
