import { expect, test } from "vitest";
import { nameUpTo } from "./parse-name.ts";

test("a name is counted in characters, not in UTF-16 units", () => {
  expect(nameUpTo(3)("🙂🙂🙂")).toBe("🙂🙂🙂");
});

test.each([
  ["", 0],
  ["abcd", 4],
])("%j is refused, with what was expected and found", (text, found) => {
  expect(() => nameUpTo(3)(text)).toThrow(`Expected 1 to 3 characters, got ${found}.`);
});
