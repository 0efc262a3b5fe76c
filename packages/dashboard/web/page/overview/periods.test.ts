import { describe, expect, it } from "vitest";
import { overviewPath, PERIODS, periodOf } from "./periods.ts";

describe("the period of the charts", () => {
  it.each(PERIODS)("is read from the address that was written for it: $label", ({ hours }) => {
    const { searchParams } = new URL(overviewPath(hours, "mail & more"), "http://localhost");

    expect(periodOf(searchParams.get("hours")).hours).toBe(hours);
    expect(searchParams.get("queue")).toBe("mail & more");
  });

  it.each([null, "", "0", "9999", "1; DROP"])(
    "is an hour for an address that names no period: %j",
    (text) => {
      expect(periodOf(text).hours).toBe(1);
      expect(overviewPath(1, "")).toBe("/");
    },
  );
});
