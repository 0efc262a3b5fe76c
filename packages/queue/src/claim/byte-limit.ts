/**
 * How many jobs a claim asks for where their payloads are large: the rows beyond the bytes that a claim may carry were
 * looked at and locked for nothing. Twice what the last such claim took, and twice as many after each that was not cut.
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
