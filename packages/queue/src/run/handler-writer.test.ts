import { systemClock } from "@millrace/base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { JobCanceledError, LeaseLostError } from "../errors.ts";
import type { FencedAnswer } from "../job/fenced-batcher.ts";
import { HandlerWriter } from "./handler-writer.ts";
import { Run } from "./run.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether a promise has settled by now; one that never does would hang a test whose timers stand still. */
function watch(promise: Promise<void>) {
  const watched = { end: "pending" };
  promise.then(
    () => {
      watched.end = "done";
    },
    (error: { code: string }) => {
      watched.end = error.code;
    },
  );
  return watched;
}

/** A run whose writes find its row as `row` says, and how many of progress were tried. */
function writerOf(row: FencedAnswer) {
  const lease = { id: "a", leaseToken: 1, queue: "q", type: "t", payload: {} };
  const run = new Run({ ...lease, attempt: 1, maxAttempts: 3, crashes: 0 }, systemClock.now());
  const found = { row, tries: 0 };
  const writer = new HandlerWriter(run, {
    clock: systemClock,
    splitOff: async () => undefined,
    runs: {
      extend: async (leases) => ({
        refused: found.row === "refused" ? [...leases] : [],
        locked: found.row === "locked" ? [...leases] : [],
        cancelRequested: [],
      }),
      complete: async () => [],
    },
    progress: {
      async submit() {
        found.tries += 1;
        return found.row;
      },
    },
  });
  return { run, writer, found };
}

describe("progress", () => {
  test("gives way to a renewal that found the row locked", async () => {
    const { run, writer, found } = writerOf("written");
    run.claimLocked = true;

    const progress = watch(writer.progress(1));
    await vi.advanceTimersByTimeAsync(100);
    expect(found.tries).toBe(0);
    run.claimLocked = false;
    await vi.advanceTimersByTimeAsync(50);

    expect([progress.end, found.tries]).toEqual(["done", 1]);
  });

  test("gives way for 0.2 s only: the lock may be another's, and last", async () => {
    const { run, writer, found } = writerOf("written");
    run.claimLocked = true;

    const progress = watch(writer.progress(1));
    await vi.advanceTimersByTimeAsync(200);

    expect([progress.end, found.tries]).toEqual(["done", 1]);
  });

  test("of an aborted run gives way to nothing, and is written while its handler ends", async () => {
    const { run, writer, found } = writerOf("written");
    run.claimLocked = true;
    run.abort(new JobCanceledError("a"));

    const progress = watch(writer.progress(1));
    await vi.advanceTimersByTimeAsync(0);

    expect([progress.end, found.tries]).toEqual(["done", 1]);
  });
});

describe("a write about a run whose row stays locked", () => {
  test.each([
    ["is canceled", new JobCanceledError("a"), ["done", "JOB_LOCKED"]],
    ["loses its lease", new LeaseLostError("a"), ["LEASE_LOST", "LEASE_LOST"]],
  ])("ends when the run %s: progress and extension each in its way", async (_what, reason, ends) => {
    const { run, writer } = writerOf("locked");
    const writes = [watch(writer.progress(1)), watch(writer.extend(60_000))];
    await vi.advanceTimersByTimeAsync(500);
    expect(writes.map(({ end }) => end)).toEqual(["pending", "pending"]);

    run.abort(reason);
    await vi.advanceTimersByTimeAsync(50);

    expect(writes.map(({ end }) => end)).toEqual(ends);
  });

  test("ends after 2 s otherwise", async () => {
    const { writer } = writerOf("locked");
    const writes = [watch(writer.progress(1)), watch(writer.extend(60_000))];

    await vi.advanceTimersByTimeAsync(2_000);

    expect(writes.map(({ end }) => end)).toEqual(["done", "JOB_LOCKED"]);
  });
});

describe("after completeInTx", () => {
  const tx = { query: async () => ({ rows: [] }) };

  test("extend is moot while the transaction may be open: its lock keeps everybody off", async () => {
    const { writer } = writerOf("locked");
    await writer.completeInTx(tx, undefined);

    const extending = watch(writer.extend(10_000));
    await vi.advanceTimersByTimeAsync(0);

    expect(extending.end).toBe("done");
  });

  test("and its rollback, which a write has shown, a row that is locked is locked by another again", async () => {
    const { writer, found } = writerOf("written");
    await writer.completeInTx(tx, undefined);
    await vi.advanceTimersByTimeAsync(1);
    await writer.progress("after the rollback");
    found.row = "locked";

    const extending = watch(writer.extend(10_000));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(extending.end).toBe("pending");
    await vi.advanceTimersByTimeAsync(1_000);

    expect(extending.end).toBe("JOB_LOCKED");
  });
});
