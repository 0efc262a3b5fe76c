import { systemClock } from "@millrace/base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Run } from "../run/run.ts";
import { startLeaseGuard } from "./lease-guard.ts";

/** A handler is aborted when 5.1 s have gone by without a renewal. */
const LEASE_SECONDS = 6;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function runNow(): Run {
  const job = { id: "a", leaseToken: 1, queue: "q", type: "t", payload: {} };
  return new Run({ ...job, attempt: 1, maxAttempts: 3, crashes: 0 }, systemClock.now());
}

/** Guards a run; `catchUp` is what the guard learns from the renewal before each look. */
function guard(run: Run, catchUp = () => {}): void {
  startLeaseGuard({ clock: systemClock, leaseSeconds: LEASE_SECONDS, held: () => [run] }, { catchUp });
}

describe("a run that nobody renews", () => {
  test("is aborted before its lease ends, and not long before", async () => {
    const run = runNow();
    guard(run);

    await vi.advanceTimersByTimeAsync(5_000);
    expect(run.abortReason).toBeUndefined();
    await vi.advanceTimersByTimeAsync(500);

    expect(run.abortReason).toMatchObject({ code: "LEASE_LOST" });
  });

  test("keeps a lease that its handler extended until that lease is about to end", async () => {
    const run = runNow();
    run.heldUntil = systemClock.now() + 60_000;
    guard(run);

    await vi.advanceTimersByTimeAsync(59_000);
    expect(run.abortReason).toBeUndefined();
    await vi.advanceTimersByTimeAsync(500);

    expect(run.abortReason).toMatchObject({ code: "LEASE_LOST" });
  });
});

test("a run whose renewal has arrived, and is not read yet, is not aborted", async () => {
  const run = runNow();
  guard(run, () => {
    run.leasedAt = systemClock.now();
  });

  await vi.advanceTimersByTimeAsync(60_000);

  expect(run.abortReason).toBeUndefined();
});
