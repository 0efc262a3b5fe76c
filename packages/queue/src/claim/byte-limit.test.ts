import { expect, test } from "vitest";
import { ByteLimit } from "./byte-limit.ts";

test("after a claim that was cut, the next ones ask for twice what it took, and then for more each time", () => {
  const limit = new ByteLimit();
  const before = limit.of(1_000);
  limit.learn({ count: 8, isCut: true });
  const after = limit.of(1_000);
  limit.learn({ count: 16, isCut: false });

  expect([before, after, limit.of(1_000), limit.of(5)]).toEqual([1_000, 16, 32, 5]);
});
