import { expect, test } from "vitest";
import type { Outcome } from "../run/decide-outcome.ts";
import { Run } from "../run/run.ts";
import { releaseRuns } from "./release-runs.ts";

const runOf = (id: string) =>
  new Run(
    { id, leaseToken: 1, queue: "q", type: "t", payload: {}, attempt: 1, maxAttempts: 3, crashes: 0 },
    0,
  );

test("runs are given back each by itself: one that cannot be is told of, and the others are", async () => {
  const written: [string, Outcome][] = [];
  const errors: unknown[] = [];
  const refused = new Error("refused");

  await releaseRuns(["a", "b", "c"].map(runOf), {
    settler: {
      async settle({ job }, outcome) {
        if (job.id === "b") throw refused;
        written.push([job.id, outcome]);
        return { kind: "release" };
      },
    },
    delayMs: 2_000,
    signal: new AbortController().signal,
    onError: (error) => void errors.push(error),
  });

  expect(written).toEqual([
    ["a", { kind: "release", delayMs: 2_000 }],
    ["c", { kind: "release", delayMs: 2_000 }],
  ]);
  expect(errors).toEqual([refused]);
});
