/**
 * Limits how many jobs a claim asks for when payloads are large, so that the claim does not lock rows that it cannot
 * take. If the bytes cut a claim short, the next limit is twice what the claim took. After any other claim, the limit
 * doubles.
 */
export class ByteLimit {
  #max = Number.POSITIVE_INFINITY;

  /** How many jobs to ask for if `wanted` jobs have room. */
  of(wanted: number): number {
    return Math.min(wanted, this.#max);
  }

  /** Learns how many jobs a claim took, and whether their bytes cut it short. */
  learn({ count, isCut }: { count: number; isCut: boolean }): void {
    this.#max = isCut ? count * 2 : this.#max * 2;
  }
}
