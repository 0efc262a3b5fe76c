import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { textToLeases } from "./renewal-message.ts";

/**
 * The leases that a renewal thread knows from the loop's messages. The text of a message is parsed only when a renewal
 * needs the leases: most runs end before that.
 */
export class KnownLeases {
  readonly #parsed = new Map<string, Lease>();
  #unparsed: string[] = [];

  /** Whether no lease is known. */
  get isEmpty(): boolean {
    return this.#unparsed.length === 0 && this.#parsed.size === 0;
  }

  /** The worker holds these leases, too. */
  add(text: string): void {
    if (text !== "") this.#unparsed.push(text);
  }

  /** The worker holds these leases, and no others. */
  replace(text: string): void {
    this.#parsed.clear();
    this.#unparsed = [];
    this.add(text);
  }

  /** The worker no longer holds this lease. A lease of another run of the same job stays known. */
  remove(lease: Lease): void {
    this.#parseAll();
    this.#parsed.delete(runKey(lease));
  }

  /** The given leases that are known. */
  among(leases: readonly Lease[]): Lease[] {
    this.#parseAll();
    return leases.filter((lease) => this.#parsed.has(runKey(lease)));
  }

  /** Every known lease. */
  all(): Lease[] {
    this.#parseAll();
    return [...this.#parsed.values()];
  }

  #parseAll(): void {
    for (const text of this.#unparsed.splice(0)) {
      for (const lease of textToLeases(text)) this.#parsed.set(runKey(lease), lease);
    }
  }
}
