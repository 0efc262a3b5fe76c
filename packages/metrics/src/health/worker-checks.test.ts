import type { WorkerHealth } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { checkWorker, checkWorkers } from "./worker-checks.ts";

const running: WorkerHealth = {
  state: "running",
  isPaused: false,
  concurrency: 4,
  running: 0,
  held: 0,
  pollMs: 1_000,
  sinceRoundMs: 20,
  claimError: null,
  renewedBy: "thread",
  leaseMs: 30_000,
  leaseLeftMs: null,
};

const failed = (health: Partial<WorkerHealth>) =>
  checkWorker({ workerId: "w", health: { ...running, ...health } }).filter(({ ok }) => !ok);

test("a worker that claims and renews is ready", () => {
  expect(failed({})).toEqual([]);
  expect(failed({ leaseLeftMs: 20_000, held: 1 })).toEqual([]);
});

test("a paused worker is ready: its program wants it so", () => {
  const [worker] = checkWorker({ workerId: "w", health: { ...running, isPaused: true } });

  expect(worker).toMatchObject({ name: "worker", ok: true, detail: expect.stringContaining("paused") });
});

test.each(["created", "stopping", "stopped"] as const)("a worker that is %s is not ready", (state) => {
  expect(failed({ state })).toMatchObject([{ name: "worker" }]);
});

test("before any worker is made, nothing is ready", () => {
  expect(checkWorkers([])).toMatchObject([{ name: "worker", ok: false }]);
});

describe("a claim loop", () => {
  test("that has not gone round for three polls is stuck", () => {
    expect(failed({ pollMs: 5_000, sinceRoundMs: 15_000 })).toEqual([]);
    expect(failed({ pollMs: 5_000, sinceRoundMs: 15_001 })).toMatchObject([{ name: "claims" }]);
  });

  test("may take ten seconds for a round, however short its poll is", () => {
    expect(failed({ pollMs: 100, sinceRoundMs: 10_000 })).toEqual([]);
    expect(failed({ pollMs: 100, sinceRoundMs: 10_001 })).toMatchObject([{ name: "claims" }]);
  });

  test("that was never answered says why", () => {
    const [claims] = failed({ sinceRoundMs: null, claimError: new Error("connection refused") });

    expect(claims).toMatchObject({ name: "claims", detail: expect.stringContaining("connection refused") });
  });
});

test("a lease with less than a third left was not renewed in time", () => {
  expect(failed({ leaseLeftMs: 10_000 })).toEqual([]);
  expect(failed({ leaseLeftMs: 9_999 })).toMatchObject([
    { name: "renewal", detail: expect.stringContaining("its thread did not renew") },
  ]);
  expect(failed({ leaseLeftMs: -5, renewedBy: "loop" })).toMatchObject([
    { name: "renewal", detail: expect.stringContaining("its loop did not renew") },
  ]);
});
