import { describe, expect, it } from "vitest";
import { previewRequest } from "./preview-request.ts";

const FORM = {
  cadence: "cron",
  cron: " 30 2 * * * ",
  every: "",
  anchor: "",
  timezone: "Europe/Berlin",
} as const;

describe("the request for a preview", () => {
  it("asks for an expression in its zone", () => {
    expect(previewRequest(FORM, "UTC", 8)).toEqual({
      cron: "30 2 * * *",
      timezone: "Europe/Berlin",
      count: 8,
    });
  });

  it("asks for an interval from its anchor, which is by the viewer's clock", () => {
    const every = { ...FORM, cadence: "every", every: "1h30m" } as const;

    expect(previewRequest(every, "UTC", 8)).toEqual({ everyMs: 5_400_000, count: 8 });
    expect(previewRequest({ ...every, anchor: "2031-07-01T12:00" }, "Europe/Berlin", 8)).toMatchObject({
      anchor: "2031-07-01T10:00:00.000Z",
    });
  });

  it("asks for nothing while no cadence is typed", () => {
    expect(previewRequest({ ...FORM, cron: " " }, "UTC", 8)).toBeNull();
    expect(previewRequest({ ...FORM, cadence: "every", every: "9" }, "UTC", 8)).toBeNull();
  });
});
