import type { Clock } from "@millrace/base";
import { expect, test } from "vitest";
import type { WaitPolicy } from "../job/lock-policy.sql.ts";
import { type Remedy, WaitingLines, type Written } from "./waiting-lines.ts";

interface Write {
  items: string[];
  policy: WaitPolicy;
  end(written: Written<string>): void;
}

/** Pauses end when the test lets them. */
function testClock() {
  const pauses: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    random: () => 0,
    after(_ms, callback) {
      pauses.push(callback);
      return () => {};
    },
  };
  return { clock, pauses };
}

/** Lines by the first letter of an item, whose writes the test ends. The error is the remedy itself. */
function start({ waitsMax = 1, batchMax = 100 } = {}) {
  const writes: Write[] = [];
  const { clock, pauses } = testClock();
  const lines = new WaitingLines<string, string>({
    clock,
    batchMax,
    waitsMax,
    firstTriesMax: 4,
    askingMax: 2,
    lineOf: (item) => item[0] ?? "",
    write: (items, policy) => new Promise((end) => writes.push({ items, policy, end })),
    remedyFor: (error) => error as Remedy,
  });
  return { lines, writes, pauses };
}

const turn = () => new Promise(setImmediate);
const answered = (write: Write | undefined) => write?.end({ answers: write.items.map((item) => `${item}!`) });

test("items submitted in one turn share a write, and each gets its own answer", async () => {
  const { lines, writes } = start();
  const results = Promise.all(["a1", "b1", "a2"].map((item) => lines.submit(item)));
  await turn();

  answered(writes[0]);

  expect(await results).toEqual(["a1!", "b1!", "a2!"]);
  expect(writes.map(({ items, policy }) => [items, policy])).toEqual([[["a1", "a2", "b1"], "wait briefly"]]);
});

test("an item that was answered is not written again when its neighbours were not written", async () => {
  const { lines, writes } = start();
  const a = lines.submit("a1");
  const b = lines.submit("b1");
  b.catch(() => undefined);
  await turn();

  writes[0]?.end({ answers: ["a1!", undefined], error: "split" });
  await turn();
  writes[1]?.end({ answers: [undefined], error: "split" });

  expect(await a).toBe("a1!");
  await expect(b).rejects.toBe("split");
  expect(writes.map(({ items }) => items)).toEqual([["a1", "b1"], ["b1"]]);
});

test("items of one line are written in the order of their calls, while an earlier one waits for a lock", async () => {
  const { lines, writes } = start();
  const first = lines.submit("a1");
  await turn();
  writes[0]?.end({ answers: [], error: "wait" });
  await turn();
  const second = lines.submit("a2");
  const other = lines.submit("b1");
  await turn();

  answered(writes[2]);
  expect(await other).toBe("b1!");
  answered(writes[1]);
  expect(await first).toBe("a1!");
  while (writes.length < 4) await turn();
  answered(writes[3]);

  expect(await second).toBe("a2!");
  expect(writes.map(({ items, policy }) => [items, policy])).toEqual([
    [["a1"], "wait briefly"],
    [["a1"], "wait"],
    [["b1"], "wait briefly"],
    [["a2"], "wait briefly"],
  ]);
});

test("no more lines wait in line than may, and the others ask again after a pause", async () => {
  const { lines, writes, pauses } = start({ waitsMax: 1 });
  const both = [lines.submit("a1"), lines.submit("b1")];
  await turn();
  writes[0]?.end({ answers: [], error: "wait" });
  await turn();
  // Each is tried by itself first: only one of them may be held up.
  writes[1]?.end({ answers: [], error: "wait" });
  writes[2]?.end({ answers: [], error: "wait" });
  await turn();

  expect(writes.slice(3).map(({ items, policy }) => [items, policy])).toEqual([[["a1"], "wait"]]);
  expect(pauses).toHaveLength(1);
  pauses[0]?.();
  await turn();
  answered(writes[3]);
  answered(writes[4]);

  expect(await Promise.all(both)).toEqual(["a1!", "b1!"]);
  expect(writes[4]).toMatchObject({ items: ["b1"], policy: "wait briefly" });
});

test("several items of one line that cannot be written together are written one by one, in their order", async () => {
  const { lines, writes } = start();
  const results = Promise.allSettled(["a1", "a2", "a3"].map((item) => lines.submit(item)));
  await turn();
  writes[0]?.end({ answers: [], error: "split" });
  await turn();
  writes[1]?.end({ answers: [], error: "split" });
  await turn();
  answered(writes[2]);
  await turn();
  writes[3]?.end({ answers: [], error: "split" });
  await turn();
  answered(writes[4]);

  expect(
    (await results).map((result) => (result.status === "fulfilled" ? result.value : result.reason)),
  ).toEqual(["a1!", "split", "a3!"]);
});

test("an error that is everyone's answer reaches everyone, and nothing is written again", async () => {
  const { lines, writes } = start();
  const results = Promise.allSettled([lines.submit("a1"), lines.submit("b1")]);
  await turn();

  writes[0]?.end({ answers: [], error: "reject" });

  expect(await results).toMatchObject([{ reason: "reject" }, { reason: "reject" }]);
  expect(writes).toHaveLength(1);
});
