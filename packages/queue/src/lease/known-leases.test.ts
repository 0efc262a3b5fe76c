import { describe, expect, test } from "vitest";
import { KnownLeases } from "./known-leases.ts";
import { leasesToText } from "./renewal-message.ts";

const a = { id: "a", leaseToken: 1 };
const b = { id: "b", leaseToken: 7 };

describe("what a renewal thread knows", () => {
  test("is all that is held, and all that was claimed since", () => {
    const known = new KnownLeases();
    expect(known.isEmpty).toBe(true);
    known.add(leasesToText([a]));
    expect(known.isEmpty).toBe(false);
    known.replace(leasesToText([b]));
    known.add(leasesToText([]));
    known.add(leasesToText([{ id: "c", leaseToken: 2 }]));
    expect(known.all()).toEqual([b, { id: "c", leaseToken: 2 }]);
    known.replace("");
    expect(known.isEmpty).toBe(true);
    expect(known.all()).toEqual([]);
  });

  test("has a lost run beside the next run of the same job, so that the refusal of the lost one is learned", () => {
    const known = new KnownLeases();
    known.add(leasesToText([a, b]));
    known.add(leasesToText([{ ...a, leaseToken: 2 }]));
    expect(known.all()).toEqual([a, b, { ...a, leaseToken: 2 }]);
    known.remove(a);
    expect(known.all()).toEqual([b, { ...a, leaseToken: 2 }]);
    expect(known.among([a, b, { ...a, leaseToken: 2 }])).toEqual([b, { ...a, leaseToken: 2 }]);
    known.remove(b);
    expect(known.all()).toEqual([{ ...a, leaseToken: 2 }]);
  });
});
