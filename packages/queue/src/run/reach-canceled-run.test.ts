import { describe, expect, test } from "vitest";
import { abortCanceledBefore, reachCanceledRun } from "./reach-canceled-run.ts";
import { RecentCancels } from "./recent-cancels.ts";
import { Run } from "./run.ts";

const runOf = (leaseToken: number) =>
  new Run(
    { id: "a", leaseToken, queue: "q", type: "t", payload: {}, attempt: 1, maxAttempts: 3, crashes: 0 },
    0,
  );

describe("a cancel", () => {
  test("aborts the very run it was asked of, where the worker holds it", () => {
    const [lost, current] = [runOf(1), runOf(2)];

    reachCanceledRun({ id: "a", leaseToken: 2 }, { held: [lost, current], cancels: new RecentCancels() });

    expect(current.abortReason).toMatchObject({ code: "JOB_CANCELED" });
    expect(lost.abortReason).toBeUndefined();
  });

  test("that comes before the answer of the run's claim aborts the run when it is taken", () => {
    const [other, canceled] = [runOf(1), runOf(2)];
    const cancels = new RecentCancels();
    reachCanceledRun({ id: "a", leaseToken: 2 }, { held: [], cancels });

    abortCanceledBefore([other, canceled], cancels);

    expect(canceled.abortReason).toMatchObject({ code: "JOB_CANCELED" });
    expect(other.abortReason).toBeUndefined();
  });
});
