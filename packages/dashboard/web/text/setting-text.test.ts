import { describe, expect, test } from "vitest";
import { settingText } from "./setting-text.ts";

describe("settingText", () => {
  test.each([
    ["timeoutMs", 30_000, "30 s"],
    ["backoff", { baseMs: 5_000, capMs: 300_000 }, "first 5 s, at most 5 min"],
    ["backoff", { kind: "linear" }, '{"kind":"linear"}'],
    ["deadLetter", { type: "dead", queue: "slow" }, "dead in slow"],
    ["deadLetter", null, "none"],
    ["other", [1], "[1]"],
  ])("shows %s %j", (name, value, text) => {
    expect(settingText(name, value)).toBe(text);
  });
});
