import { describe, expect, test } from "vitest";
import { adviseOn } from "./reason-advice.ts";

const advise = (reason: { code: string; [figure: string]: unknown }) =>
  adviseOn({ text: "Said by the server.", ...reason }, { queue: "mail" }).advice;

describe("adviseOn", () => {
  test.each([
    [{ code: "not-due", dueInMs: 5 }, [{ kind: "run-now" }, { kind: "edit" }]],
    [{ code: "queue-paused", queue: "slow" }, [{ kind: "resume", queue: "slow" }]],
    [{ code: "no-worker-for-queue" }, [{ kind: "workers" }]],
    [{ code: "waits-for-job", jobId: "0198" }, [{ kind: "job", id: "0198" }]],
    [{ code: "workers-busy" }, [{ kind: "jobs-before", queue: "mail" }, { kind: "workers" }]],
    [
      { code: "row-locked", pid: 42, since: "2031-01-01T00:00:00.000Z" },
      [{ kind: "end-transaction", pid: 42, since: "2031-01-01T00:00:00.000Z" }],
    ],
    [{ code: "row-locked", pid: null, since: null }, []],
    [{ code: "old-transaction", pid: "1); DROP TABLE jobs" }, []],
  ])("of %j", (reason, advice) => {
    expect(advise(reason)).toEqual(advice);
  });

  test("keeps the text of a reason that a newer server has", () => {
    expect(adviseOn({ code: "on-holiday", text: "The workers are at sea." }, { queue: "mail" })).toEqual({
      code: "on-holiday",
      heading: "on-holiday",
      text: "The workers are at sea.",
      weight: "note",
      advice: [],
    });
  });
});
