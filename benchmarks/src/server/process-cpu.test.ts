import { expect, test } from "vitest";
import { parseProcessStat } from "./process-cpu.ts";

test("a command with spaces and parentheses does not shift the fields", () => {
  const line = "71 (a b) (c) S 12 71 71 0 -1 4194560 500 0 0 0 30 12 7 5 20 0 1 0 900 10 20";

  expect(parseProcessStat(line)).toEqual({ parent: 12, ownTicks: 42, endedTicks: 12 });
});
