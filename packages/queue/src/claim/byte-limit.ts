/**
 * Limits how many jobs a claim asks for when payloads are large, so that the claim does not lock rows it cannot take.
 * After a claim that the bytes cut, the limit is twice what the claim took. After any other claim, the limit doubles.
 */
export class ByteLimit {
  #max = Number.POSITIVE_INFINITY;

  /** How many to ask for of so many wanted. */
  of(wanted: number): number {
    return Math.min(wanted, this.#max);
  }

  /** Learns how many jobs a claim took, and whether their bytes cut it short. */
  learn({ count, isCut }: { count: number; isCut: boolean }): void {
    this.#max = isCut ? count * 2 : this.#max * 2;
  }
}
