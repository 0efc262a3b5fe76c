import type { Clock } from "@millrace/base";
import { createPermits, type Permits, pause } from "@millrace/base";
import type { WaitPolicy } from "../job/lock-policy.sql.ts";

/** What a write came to. An item without an answer was not written, and `error` says why. */
export interface Written<Result> {
  answers: readonly (Result | undefined)[];
  error?: unknown;
}

/** What to do about items that a write left without an answer. */
export type Remedy =
  /** Another transaction has the lock: wait for it, apart from all other lines. */
  | "wait"
  /** Another transaction came first: the same write may succeed now. */
  | "repeat"
  /** One of several items is at fault: write them one by one. */
  | "split"
  /** The error is the answer to every item. */
  | "reject";

/** How many writes may be under way beside the shared one, each with a connection. */
export interface WriteLimits {
  /** Writes that wait for a lock without a bound. With 0, a write asks for the lock again and again instead. */
  waitsMax: number;
  /** First tries of lines that left the shared write. */
  firstTriesMax: number;
  /** Writes that ask again for a lock. */
  askingMax: number;
}

/** What waiting lines need. */
export interface WaitingLinesOptions<Item, Result> extends WriteLimits {
  clock: Clock;
  batchMax: number;
  lineOf(item: Item): string;
  write(items: Item[], policy: WaitPolicy): Promise<Written<Result>>;
  remedyFor(error: unknown): Remedy;
}

/** The first pause before a write asks for a lock again, in ms; the pause doubles up to the last. */
const ASK_FIRST_MS = 50;
const ASK_LAST_MS = 500;

/** A write is given up after other transactions came first this many times. */
const REPEATS_MAX = 100;

interface Entry<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Group commit for items that may have to wait for another transaction. Each item stands in a line, for instance the
 * line of its key:
 *
 * - Items of one line are written in the order of their calls, and one write at a time.
 * - Lines that need not wait share their writes.
 * - A line whose lock is taken leaves the shared writes. Its first items wait, and later items join the line.
 *
 * An item that was answered is never written again.
 */
export class WaitingLines<Item, Result> {
  readonly #options: WaitingLinesOptions<Item, Result>;
  /** The items that wait in each line. A line is here while it has a write under way, or is about to have one. */
  readonly #lines = new Map<string, Entry<Item, Result>[]>();
  /** Lines whose items go with the next shared write. */
  #ready: string[] = [];
  #sharing = false;
  #waits = 0;
  readonly #firstTries: Permits;
  readonly #asking: Permits;

  constructor(options: WaitingLinesOptions<Item, Result>) {
    this.#options = options;
    this.#firstTries = createPermits(options.firstTriesMax);
    this.#asking = createPermits(options.askingMax);
  }

  /** Writes an item. Resolves with its own answer; rejects with the error that kept it from being written. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const name = this.#options.lineOf(item);
      const line = this.#lines.get(name);
      if (line !== undefined) {
        line.push({ item, resolve, reject });
        return;
      }
      this.#lines.set(name, [{ item, resolve, reject }]);
      this.#makeReady(name);
    });
  }

  #makeReady(name: string): void {
    this.#ready.push(name);
    if (this.#sharing) return;
    this.#sharing = true;
    void this.#share();
  }

  /** Writes ready lines together until there are none. Never rejects. */
  async #share(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#ready.length > 0) {
      const taken = this.#takeReady();
      const { left, error } = await this.#write([...taken.values()].flat(), "wait briefly");
      const remedy = left.length === 0 ? "reject" : this.#options.remedyFor(error);
      if (remedy === "reject") for (const entry of left) entry.reject(error);
      const unanswered = new Set(remedy === "reject" ? [] : left);
      for (const [name, entries] of taken) {
        const mine = entries.filter((entry) => unanswered.has(entry));
        if (mine.length === 0) this.#leave(name);
        // If the write had one line, that line's lock is the one that is taken.
        else void this.#apart(mine, remedy === "wait" && taken.size === 1).then(() => this.#leave(name));
      }
    }
    this.#sharing = false;
  }

  /** The items of ready lines, up to a batch. A line with more items keeps the later ones, in their order. */
  #takeReady(): Map<string, Entry<Item, Result>[]> {
    const taken = new Map<string, Entry<Item, Result>[]>();
    let size = 0;
    while (size < this.#options.batchMax) {
      const name = this.#ready.shift();
      if (name === undefined) break;
      const entries = (this.#lines.get(name) ?? []).splice(0, this.#options.batchMax - size);
      taken.set(name, entries);
      size += entries.length;
    }
    return taken;
  }

  /** Ends a line's write. Items that came during the write go with the next shared write. */
  #leave(name: string): void {
    if (this.#lines.get(name)?.length === 0) this.#lines.delete(name);
    else this.#makeReady(name);
  }

  /** Writes one line's items apart from all others, until each has its answer. Never rejects. */
  async #apart(entries: Entry<Item, Result>[], isLocked: boolean): Promise<void> {
    let waiting = entries;
    let askMs = ASK_FIRST_MS;
    let locked = isLocked;
    for (let repeats = 0; ; repeats += 1) {
      const { left, error } = await (locked ? this.#writeLocked(waiting, askMs) : this.#firstTry(waiting));
      if (left.length === 0) return;
      const remedy = this.#options.remedyFor(error);
      if (remedy === "split" && left.length > 1) {
        for (const entry of left) await this.#apart([entry], false);
        return;
      }
      if (remedy === "reject" || remedy === "split" || (remedy === "repeat" && repeats >= REPEATS_MAX)) {
        for (const entry of left) entry.reject(error);
        return;
      }
      if (locked) askMs = Math.min(ASK_LAST_MS, askMs * 2);
      locked = remedy === "wait";
      waiting = left;
    }
  }

  #firstTry(entries: Entry<Item, Result>[]) {
    return this.#firstTries.run(() => this.#write(entries, "wait briefly"));
  }

  /** Waits for the lock if another wait is allowed. Otherwise pauses without a connection, and asks again. */
  async #writeLocked(entries: Entry<Item, Result>[], askMs: number) {
    if (this.#waits >= this.#options.waitsMax) {
      await pause(this.#options.clock, askMs);
      return this.#asking.run(() => this.#write(entries, "wait briefly"));
    }
    this.#waits += 1;
    try {
      return await this.#write(entries, "wait");
    } finally {
      this.#waits -= 1;
    }
  }

  /**
   * Writes items and answers the written ones. Returns the other items, and the error that kept them from being
   * written.
   */
  async #write(entries: Entry<Item, Result>[], policy: WaitPolicy) {
    const items = entries.map((entry) => entry.item);
    const { answers, error } = await this.#options
      .write(items, policy)
      .catch((error: unknown): Written<Result> => ({ answers: [], error }));
    const left = entries.filter((entry, index) => {
      const answer = answers[index];
      if (answer !== undefined) entry.resolve(answer);
      return answer === undefined;
    });
    return { left, error };
  }
}
