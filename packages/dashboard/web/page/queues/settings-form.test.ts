import { describe, expect, it } from "vitest";
import { type SettingsForm, settingsForm, settingsOf, settingsSummary } from "./settings-form.ts";

const EMPTY = settingsForm(null);

const FULL = {
  timeoutMs: 90_000,
  retentionMs: 604_800_000,
  backoff: { baseMs: 1_000, capMs: 60_000, jitterMs: 250 },
  deadLetter: { type: "mourn", queue: "alerts" },
};

describe("the form for a queue's settings", () => {
  it.each([
    FULL,
    { timeoutMs: 1 },
    { retentionMs: 0 },
    { backoff: { capMs: 5 } },
    { deadLetter: { type: "t" } },
  ])("reads back what it was filled with: %j", (settings) => {
    expect(settingsOf(settingsForm(settings))).toEqual({ settings });
  });

  it("sets nothing where all fields are empty", () => {
    expect(settingsOf(EMPTY)).toEqual({ settings: null });
  });

  it.each<[Partial<SettingsForm>, keyof SettingsForm, RegExp]>([
    [{ timeoutMs: "soon" }, "timeoutMs", /with its unit/],
    [{ timeoutMs: "0 s" }, "timeoutMs", /at least 1 ms/],
    [{ retentionMs: "7" }, "retentionMs", /with its unit/],
    [{ baseMs: "10 s", capMs: "5 s" }, "capMs", /shorter/],
    [{ deadLetterQueue: "alerts" }, "deadLetterType", /needs the type/],
  ])("names the field that is wrong: %j", (given, field, message) => {
    const result = settingsOf({ ...EMPTY, ...given });

    expect(result).toMatchObject({ errors: { [field]: expect.stringMatching(message) } });
  });

  it("has a summary, empty for a queue without settings", () => {
    expect(settingsSummary(FULL)).toBe(
      "time-out 1 min 30 s · kept 7 d · backoff from 1 s, up to 1 min, jitter 250 ms · dead letter mourn in alerts",
    );
    expect(settingsSummary(null)).toBe("");
  });
});
