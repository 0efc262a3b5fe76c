import type { ScheduleTick } from "@millrace/api/client";
import { describe, expect, it } from "vitest";
import { tickMark, tickMarks, tickSummary } from "./tick-mark.ts";

const JOB = "0192aaaa-0000-7000-8000-000000000001";

function tick(given: Partial<ScheduleTick> = {}): ScheduleTick {
  return {
    tickAt: "2031-01-01T00:00:00.000Z",
    outcome: "enqueued",
    jobId: JOB,
    jobState: "completed",
    recordedAt: "2031-01-01T00:00:01.000Z",
    ...given,
  };
}

describe("the mark of a tick", () => {
  it.each([
    ["queued", "its job is queued"],
    ["running", "its job runs"],
    ["completed", "its job completed"],
    ["failed", "its job failed"],
    ["canceled", "its job was canceled"],
  ] as const)("shows a job that is %s", (jobState, text) => {
    expect(tickMark(tick({ jobState }))).toMatchObject({ fate: jobState, jobId: JOB, text });
  });

  it.each([
    ["misfire-skipped", "skipped: the tick was found late"],
    ["overlap-skipped", "skipped: an earlier job had not ended"],
  ])("says which policy made no job: %s", (outcome, text) => {
    expect(tickMark(tick({ outcome, jobId: null, jobState: null }))).toMatchObject({
      fate: "skipped",
      text,
      jobId: null,
    });
  });

  it("leads to the job that a duplicate found", () => {
    expect(tickMark(tick({ outcome: "duplicate", jobState: "failed" }))).toMatchObject({
      fate: "duplicate",
      text: "duplicate: the tick's job existed already, and is failed",
      jobId: JOB,
    });
  });

  it.each(["enqueued", "duplicate"])("leads nowhere when the job was deleted: %s", (outcome) => {
    expect(tickMark(tick({ outcome, jobState: null })).jobId).toBeNull();
  });
});

describe("a strip of ticks", () => {
  it("goes from the oldest tick to the latest", () => {
    const later = tick({ tickAt: "2031-01-01T00:05:00.000Z" });

    expect(tickMarks([later, tick()]).map(({ tickAt }) => tickAt)).toEqual([tick().tickAt, later.tickAt]);
  });

  it("has a summary in words", () => {
    const marks = tickMarks([tick(), tick({ jobState: "failed" }), tick(), tick({ jobState: null })]);

    expect(tickSummary(marks)).toBe("1 deleted, 2 completed, 1 failed");
    expect(tickSummary([])).toBe("No ticks yet");
  });
});
