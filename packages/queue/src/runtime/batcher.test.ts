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

describe("batcher", () => {
  test("writes the first item at once and those that arrive meanwhile together", async () => {
    const { batcher, writes } = heldBatcher();

    const first = batcher.submit(1);
    const others = [batcher.submit(2), batcher.submit(3)];

    expect(writes.map((write) => write.items)).toEqual([[1]]);
    writes[0]?.finish();
    expect(await first).toBe("done 1");
    await Promise.resolve();
    expect(writes.map((write) => write.items)).toEqual([[1], [2, 3]]);
    writes[1]?.finish();
    expect(await Promise.all(others)).toEqual(["done 2", "done 3"]);
  });

  test("a failed write is told to its own items only", async () => {
    const { batcher, writes } = heldBatcher();

    const first = batcher.submit(1);
    const second = batcher.submit(2);
    writes[0]?.fail(new Error("no database"));

    await expect(first).rejects.toThrow("no database");
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
    expect(sizes).toEqual([1, 2, 2]);
  });
});
