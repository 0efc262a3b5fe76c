import { describe, expect, test } from "vitest";
import { leasesToText } from "./renewal-message.ts";
import { RenewalTiming } from "./renewal-timing.ts";

const a = { id: "a", leaseToken: 1 };
const b = { id: "b", leaseToken: 7 };
const NOTHING = { leases: [], again: true };

/** All leases are due after 10 s; a loop that is blocked is waited for until 13 s, and given up after 60 s. */
function timingOf30s(): RenewalTiming {
  return new RenewalTiming({ leaseMs: 30_000, maxBlockedMs: 60_000, now: 0 });
}

const held = (...leases: (typeof a)[]) => ({ kind: "held", leases: leasesToText(leases) }) as const;
const claimed = (...leases: (typeof a)[]) => ({ kind: "claimed", leases: leasesToText(leases) }) as const;

describe("a renewal of all leases", () => {
  test("comes with the first word of what is held after a third of the lease", () => {
    const timing = timingOf30s();
    expect(timing.hear(claimed(a, b), 0)).toBe(false);
    expect(timing.hear(held(a, b), 9_999)).toBe(false);
    expect(timing.due(10_000)).toEqual(NOTHING);

    expect(timing.hear(held(b), 10_500)).toBe(true);
    expect(timing.due(10_500)).toEqual({ leases: [b], again: false });
  });

  test("does not wait longer than a tenth of the lease for a loop that says nothing", () => {
    const timing = timingOf30s();
    timing.hear(claimed(a), 0);

    expect(timing.due(12_999)).toEqual(NOTHING);
    expect(timing.due(13_000)).toEqual({ leases: [a], again: false });
  });

  test("is a third of a lease after the first claim of a worker that held nothing", () => {
    const timing = timingOf30s();
    timing.hear(claimed(a), 9_000);
    timing.hear(claimed(b), 12_000);

    expect(timing.due(21_999)).toEqual(NOTHING);
    expect(timing.due(22_000)).toEqual({ leases: [a, b], again: false });
  });

  test("does not come for a loop that is blocked for too long", () => {
    const timing = timingOf30s();
    timing.hear(claimed(a), 0);

    expect(timing.due(60_000).leases).toEqual([a]);
    expect(timing.due(60_001)).toEqual(NOTHING);
  });

  test("is tried again half a second after a failure", () => {
    const timing = timingOf30s();
    timing.hear(claimed(a), 0);
    timing.failed(13_000);

    expect(timing.due(13_499)).toEqual(NOTHING);
    expect(timing.due(13_500).leases).toEqual([a]);
  });

  test("no longer names a lease that was refused", () => {
    const timing = timingOf30s();
    timing.hear(claimed(a, b), 0);
    timing.answered({ refused: [a], locked: [] }, { again: false, sentAt: 13_000, now: 13_010 });

    expect(timing.due(26_000)).toEqual({ leases: [b], again: false });
  });
});

describe("a lease that a renewal skipped because its row was locked", () => {
  function skipped(): RenewalTiming {
    const timing = timingOf30s();
    timing.hear(claimed(a, b), 0);
    timing.answered({ refused: [], locked: [a] }, { again: false, sentAt: 13_000, now: 13_010 });
    return timing;
  }

  test("is tried again by itself, soon", () => {
    const timing = skipped();

    expect(timing.waitMs).toBe(50);
    expect(timing.due(13_059)).toEqual(NOTHING);
    expect(timing.due(13_060)).toEqual({ leases: [a], again: true });
  });

  test("is not tried again when its run has ended", () => {
    const timing = skipped();
    timing.hear(held(b), 13_050);

    expect(timing.due(13_060)).toEqual(NOTHING);
    expect(timing.waitMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("does not put off the renewal of all leases", () => {
    const timing = skipped();
    timing.answered({ refused: [], locked: [a] }, { again: true, sentAt: 14_000, now: 14_010 });

    expect(timing.due(26_000)).toEqual({ leases: [a, b], again: false });
  });
});
