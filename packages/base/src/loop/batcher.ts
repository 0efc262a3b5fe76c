/**
 * Group commit: writes items together that arrive in the same turn of the event loop, or during the previous write. No
 * timer delays an item. An item's promise resolves with the item's result, or rejects with the error of its write.
 */
export interface Batcher<Item, Result> {
  submit(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or under way. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** The options of a batcher. `write` returns one result per item, in the order of the items. */
export interface BatcherOptions<Item, Result> {
  batchMax: number;
  write(items: Item[]): Promise<Result[]>;
  /**
   * Whether an error of a write is the answer to all its items. If false, each item is written by itself, and gets its
   * own answer. Default: true.
   */
  isShared?(error: unknown): boolean;
}

/** Creates a batcher with one write under way at a time. */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let draining: Promise<void> | null = null;

  async function drain(): Promise<void> {
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting.length <= options.batchMax ? waiting : waiting.slice(0, options.batchMax);
      waiting = waiting.slice(batch.length);
      await writeBatch(batch);
    }
    draining = null;
  }

  async function writeBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.write(batch.map((entry) => entry.item));
      for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Result);
    } catch (error) {
      const shared = options.isShared?.(error) ?? true;
      if (shared || batch.length === 1) for (const entry of batch) entry.reject(error);
      else for (const entry of batch) await writeBatch([entry]);
    }
  }

  return {
    submit(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        draining ??= drain();
      });
    },
    async idle() {
      while (draining !== null) await draining;
    },
  };
}
