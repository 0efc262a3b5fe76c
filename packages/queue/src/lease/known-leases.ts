import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { textToLeases } from "./renewal-message.ts";

/** The leases that a renewal thread was told of. Read only when a renewal asks for them: most runs end before. */
export class ToldLeases {
  readonly #read = new Map<string, Lease>();
  #unread: string[] = [];

  /** Whether nothing is held. */
  get isEmpty(): boolean {
    return this.#unread.length === 0 && this.#read.size === 0;
  }

  /** These leases were claimed besides. */
  add(text: string): void {
    if (text !== "") this.#unread.push(text);
  }

  /** These leases are held, and no others. */
  replace(text: string): void {
    this.#read.clear();
    this.#unread = [];
    this.add(text);
  }

  /** This lease is held no longer; another run of its job may be. */
  drop(lease: Lease): void {
    this.#readAll();
    this.#read.delete(runKey(lease));
  }

  /** Of these leases those that are held. */
  held(leases: readonly Lease[]): Lease[] {
    this.#readAll();
    return leases.filter((lease) => this.#read.has(runKey(lease)));
  }

  /** Every lease that is held. */
  all(): Lease[] {
    this.#readAll();
    return [...this.#read.values()];
  }

  #readAll(): void {
    for (const text of this.#unread.splice(0)) {
      for (const lease of textToLeases(text)) this.#read.set(runKey(lease), lease);
    }
  }
}
