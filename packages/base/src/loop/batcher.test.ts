import { describe, expect, test } from "vitest";
import { createBatcher } from "./batcher.ts";

/** A batcher whose writes end only when the test says so. */
function heldBatcher(batchMax = 100) {
  const writes: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const batcher = createBatcher<number, string>({
    batchMax,
    write: (items) =>
      new Promise((resolve, reject) => {
        writes.push({ items, finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject });
      }),
  });
  return { batcher, writes };
}

const nextTurn = () => new Promise(setImmediate);

describe("batcher", () => {
  test("writes one turn's items together, and those that arrive meanwhile in the next write", async () => {
    const { batcher, writes } = heldBatcher();

    const first = [batcher.submit(1), batcher.submit(2)];
    await nextTurn();
    const second = [batcher.submit(3), batcher.submit(4)];
    await nextTurn();

    expect(writes.map((write) => write.items)).toEqual([[1, 2]]);
    writes[0]?.finish();
    expect(await Promise.all(first)).toEqual(["done 1", "done 2"]);
    await nextTurn();
    expect(writes.map((write) => write.items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    writes[1]?.finish();
    expect(await Promise.all(second)).toEqual(["done 3", "done 4"]);
  });

  test("a failed write is told to its own items only", async () => {
    const { batcher, writes } = heldBatcher();

    const first = batcher.submit(1);
    await nextTurn();
    const second = batcher.submit(2);
    writes[0]?.fail(new Error("no database"));

    await expect(first).rejects.toThrow("no database");
    await nextTurn();
    writes[1]?.finish();
    expect(await second).toBe("done 2");
  });

  test("no batch is larger than the limit", async () => {
    const sizes: number[] = [];
    const batcher = createBatcher<number, number>({
      batchMax: 2,
      write: async (items) => {
        sizes.push(items.length);
        return items;
      },
    });

    const results = await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)));

    expect(results).toEqual([1, 2, 3, 4, 5]);
    expect(sizes).toEqual([2, 2, 1]);
  });

  test("a write that failed for one item's sake is repeated item by item", async () => {
    const batcher = createBatcher<number, number>({
      batchMax: 10,
      isShared: () => false,
      write: async (items) => {
        if (items.includes(2)) throw new Error("two is bad");
        return items;
      },
    });

    const results = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)));

    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});
