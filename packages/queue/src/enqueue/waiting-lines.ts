import type { Clock } from "@millrace/base";
import { createPermits, type Permits, pause } from "@millrace/base";
import type { WaitPolicy } from "../job/lock-policy.sql.ts";

/** The result of a write. An item without an answer was not written, and `error` says why. */
export interface Written<Result> {
  answers: readonly (Result | undefined)[];
  error?: unknown;
}

/** What to do about items that a write left without an answer. */
export type Remedy =
  /** Another transaction has the lock: wait for the lock, apart from all other lines. */
  | "wait"
  /** Another transaction committed first: write again. */
  | "repeat"
  /** One of several items is at fault: write the items one by one. */
  | "split"
  /** Every item gets the error. */
  | "reject";

/** How many writes may run besides the shared write. Each takes a connection. */
export interface WriteLimits {
  /** Writes that wait for a lock without a bound. Beyond this number, a line asks for its lock again and again. */
  waitsMax: number;
  /** First tries of lines that have left the shared write. */
  firstTriesMax: number;
  /** Writes that ask again for a lock. */
  askingMax: number;
}

/** The options of `WaitingLines`. */
export interface WaitingLinesOptions<Item, Result> extends WriteLimits {
  clock: Clock;
  batchMax: number;
  lineOf(item: Item): string;
  write(items: Item[], policy: WaitPolicy): Promise<Written<Result>>;
  remedyFor(error: unknown): Remedy;
}

/** The first and the longest pause before a write asks for a lock again, in ms. Each pause is twice the last pause. */
const ASK_FIRST_MS = 50;
const ASK_LAST_MS = 500;

/** A write is given up after other transactions have committed first this many times. */
const REPEATS_MAX = 100;

interface Entry<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Group commit for items that may have to wait for a lock of another transaction. Each item joins a line, such as all
 * items with one key.
 * - Items of one line are written in the order of their calls, one write at a time.
 * - Lines that need not wait share one write after the other.
 * - A line whose lock is taken leaves the shared write, and waits by itself. Later items join the line.
 * - An item that has its answer is never written again.
 */
export class WaitingLines<Item, Result> {
  readonly #options: WaitingLinesOptions<Item, Result>;
  /** The waiting items of each line. A line stays here while one of its items is being written or waits. */
  readonly #lines = new Map<string, Entry<Item, Result>[]>();
  /** The names of the lines for the next shared write. */
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

  /** Writes an item. Resolves with the item's answer, or rejects with the reason why the item was not written. */
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

  /** Writes ready lines together until no line is ready. Never rejects. */
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
        // If the write had only this line, the lock that is taken must be this line's lock.
        else void this.#apart(mine, remedy === "wait" && taken.size === 1).then(() => this.#leave(name));
      }
    }
    this.#sharing = false;
  }

  /** Takes the items of ready lines, up to a batch. A longer line keeps its later items, in their order. */
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

  /** Called when a write of a line has ended. Items that came during the write go with the next shared write. */
  #leave(name: string): void {
    if (this.#lines.get(name)?.length === 0) this.#lines.delete(name);
    else this.#makeReady(name);
  }

  /** Writes the items of one line apart from the shared write, until each item has an answer. Never rejects. */
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

  /** Waits for the lock if `waitsMax` allows another wait. Otherwise pauses without a connection, and asks again. */
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
   * Writes items, and answers the items that were written. Returns the items that were not written, and the error that
   * says why.
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
