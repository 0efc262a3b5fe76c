import { expect, test } from "vitest";
import { escapeControl, escapeLines } from "./escape-control.ts";

test.each([
  ["\u001b[2J", "\\u001b[2J"],
  ["a\nb\r\tc", "a\\nb\\r\\tc"],
  ["\u0000\u0007\u007f", "\\u0000\\u0007\\u007f"],
  ["\u009b31m", "\\u009b31m"],
  ["\u202egnp.exe", "\\u202egnp.exe"],
  ["\u2028\u2066\u200f", "\\u2028\\u2066\\u200f"],
])("%j cannot act on a terminal", (text, expected) => {
  expect(escapeControl(text)).toBe(expected);
});

test("text of any language is left as it is", () => {
  expect(escapeControl("naïve 日本語 עברית 🙂")).toBe("naïve 日本語 עברית 🙂");
});

test("a block keeps its line ends and tabs, and nothing else", () => {
  expect(escapeLines("Error: x\r\n\tat y\u001b[0m\rz")).toBe("Error: x\n\tat y\\u001b[0m\\rz");
});
