import { describe, expect, test } from "vitest";
import { jsonDepth } from "./json-depth.ts";

describe("the depth of a JSON text", () => {
  test.each([
    ["1", 0],
    ['"[[["', 0],
    ["[]", 1],
    ['{"a": [1, {"b": 2}], "c": 3}', 3],
    ["[1][[2]]", 2],
    ['"\\"[" [', 1],
    ['"open [[', 0],
  ])("%s: %i", (json, depth) => {
    expect(jsonDepth(json)).toBe(depth);
  });

  test("a million brackets need no stack", () => {
    expect(jsonDepth("[".repeat(1_000_000))).toBe(1_000_000);
  });
});
