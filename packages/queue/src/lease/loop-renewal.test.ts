import { pause, systemClock } from "@millrace/base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ExtendResult } from "../job/extend-result.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { Run } from "../run/run.ts";
import { startLeaseGuard } from "./lease-guard.ts";
import type { LeaseRenewalOptions } from "./lease-renewal.ts";
import { startLoopRenewal } from "./loop-renewal.ts";

/** A third of it is 2 s, and a handler is aborted when 5.1 s have gone by without a renewal. */
const LEASE_SECONDS = 6;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function runOf(id: string, leaseToken = 1): Run {
  const lease = { id, leaseToken, queue: "q", type: "t", payload: {} };
  return new Run({ ...lease, attempt: 1, maxAttempts: 3, crashes: 0 }, systemClock.now());
}

/** Renews these runs in a loop, beside a guard; `answer` says what the database finds after `tookMs`. */
function keepLeases(runs: readonly Run[], answer: () => Partial<ExtendResult>, tookMs = 0) {
  const from = systemClock.now();
  const tries: { at: number; keys: string[] }[] = [];
  const options: LeaseRenewalOptions = {
    clock: systemClock,
    leaseSeconds: LEASE_SECONDS,
    held: () => runs,
    onError: (error) => expect.unreachable(String(error)),
    async extend(leases: readonly Lease[]) {
      tries.push({ at: Math.round(systemClock.now() - from), keys: leases.map(runKey) });
      if (tookMs > 0) await pause(systemClock, tookMs);
      return { refused: [], locked: [], cancelRequested: [], ...answer() };
    },
  };
  startLeaseGuard(options, startLoopRenewal(options));
  return tries;
}

describe("a run whose row a renewal finds locked", () => {
  test("is tried again by itself, and is as good as renewed when it comes free", async () => {
    const [one, other] = [runOf("a"), runOf("b")];
    let locked = [one.job];
    const tries = keepLeases([one, other], () => ({ locked }));

    await vi.advanceTimersByTimeAsync(2_160);
    expect([one.claimLocked, other.claimLocked]).toEqual([true, false]);
    locked = [];
    await vi.advanceTimersByTimeAsync(1_800);

    expect(tries.map(({ at, keys }) => `${at} ${keys}`)).toEqual([
      "2000 a 1,b 1",
      "2050 a 1",
      "2150 a 1",
      "2350 a 1",
    ]);
    expect(one.claimLocked).toBe(false);
    expect(one.leasedAt).toBeGreaterThan(other.leasedAt);
  });

  test("delays the renewal of the others by one try at most, however slow the database is", async () => {
    const [one, other] = [runOf("a"), runOf("b")];
    const tries = keepLeases([one, other], () => ({ locked: [one.job] }), 600);

    await vi.advanceTimersByTimeAsync(30_000);

    const renewals = tries.filter(({ keys }) => keys.length > 1 || keys[0] === "b 1").map(({ at }) => at);
    const gaps = renewals.slice(1).map((at, index) => at - (renewals[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000 + 600 + 600);
    expect(other.abortReason).toBeUndefined();
  });

  test("is aborted before its lease ends, for it may be taken as soon as the lock does", async () => {
    const [stuck, other] = [runOf("a"), runOf("b")];
    keepLeases([stuck, other], () => ({ locked: [stuck.job] }));

    await vi.advanceTimersByTimeAsync(5_000);
    expect(stuck.abortReason).toBeUndefined();
    await vi.advanceTimersByTimeAsync(500);

    expect(stuck.abortReason).toMatchObject({ code: "LEASE_LOST" });
    expect(other.abortReason).toBeUndefined();
  });

  test("is left alone while it completes in its handler's transaction, which holds the lock", async () => {
    const run = runOf("a");
    run.beginCompletion();
    const tries = keepLeases([run], () => ({ locked: [run.job] }));

    await vi.advanceTimersByTimeAsync(20_500);

    expect(run.abortReason).toBeUndefined();
    expect(tries).toHaveLength(10);
  });

  test("is aborted before its lease ends once a renewal shows that such a transaction was rolled back", async () => {
    const run = runOf("a");
    let locked = [run.job];
    keepLeases([run], () => ({ locked }));
    run.beginCompletion();
    run.completionAnswered(systemClock.now());

    await vi.advanceTimersByTimeAsync(2_100);
    locked = [];
    await vi.advanceTimersByTimeAsync(2_000);
    locked = [run.job];
    await vi.advanceTimersByTimeAsync(4_000);
    expect(run.abortReason).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);

    expect(run.abortReason).toMatchObject({ code: "LEASE_LOST" });
    expect(run.hasCompleted).toBe(true);
  });
});

test("of a lost run and the next of the same job, the lost one alone is aborted", async () => {
  const [lost, current] = [runOf("a", 1), runOf("a", 2)];
  keepLeases([lost, current], () => ({ refused: [lost.job] }));

  await vi.advanceTimersByTimeAsync(20_000);

  expect(lost.abortReason).toMatchObject({ code: "LEASE_LOST" });
  expect(current.abortReason).toBeUndefined();
});

test("of a lost run and the next of the same job, the one asked to be canceled alone is canceled", async () => {
  const [before, current] = [runOf("a", 1), runOf("a", 2)];
  keepLeases([before, current], () => ({ cancelRequested: [current.job] }));

  await vi.advanceTimersByTimeAsync(2_100);

  expect(current.abortReason).toMatchObject({ code: "JOB_CANCELED" });
  expect(before.abortReason).toBeUndefined();
});
