import { describe, expect, test } from "vitest";
import { ToldLeases } from "./known-leases.ts";
import { leasesToText } from "./renewal-message.ts";

const a = { id: "a", leaseToken: 1 };
const b = { id: "b", leaseToken: 7 };

describe("what a renewal thread was told", () => {
  test("is all that was claimed since it was told everything", () => {
    const told = new ToldLeases();
    expect(told.isEmpty).toBe(true);
    told.add(leasesToText([a]));
    expect(told.isEmpty).toBe(false);
    told.replace(leasesToText([b]));
    told.add(leasesToText([]));
    told.add(leasesToText([{ id: "c", leaseToken: 2 }]));
    expect(told.all()).toEqual([b, { id: "c", leaseToken: 2 }]);
    told.replace("");
    expect(told.isEmpty).toBe(true);
    expect(told.all()).toEqual([]);
  });

  test("is every run, also a lost one beside the next of the same job, so that its refusal is learned", () => {
    const told = new ToldLeases();
    told.add(leasesToText([a, b]));
    told.add(leasesToText([{ ...a, leaseToken: 2 }]));
    expect(told.all()).toEqual([a, b, { ...a, leaseToken: 2 }]);
    told.drop(a);
    expect(told.all()).toEqual([b, { ...a, leaseToken: 2 }]);
    expect(told.held([a, b, { ...a, leaseToken: 2 }])).toEqual([b, { ...a, leaseToken: 2 }]);
    told.drop(b);
    expect(told.all()).toEqual([{ ...a, leaseToken: 2 }]);
  });
});
