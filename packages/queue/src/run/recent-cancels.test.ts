import { describe, expect, test } from "vitest";
import { RecentCancels } from "./recent-cancels.ts";

describe("requests to cancel", () => {
  test("concern the very run they were made of, once", () => {
    const cancels = new RecentCancels();
    cancels.heard({ id: "a", leaseToken: 1 });

    expect(cancels.concern({ id: "a", leaseToken: 2 })).toBe(false);
    expect(cancels.concern({ id: "a", leaseToken: 1 })).toBe(true);
    expect(cancels.concern({ id: "a", leaseToken: 1 })).toBe(false);
  });

  test("are forgotten when a thousand newer ones were heard", () => {
    const cancels = new RecentCancels();
    for (let leaseToken = 0; leaseToken <= 1_000; leaseToken += 1) cancels.heard({ id: "a", leaseToken });

    expect(cancels.concern({ id: "a", leaseToken: 0 })).toBe(false);
    expect(cancels.concern({ id: "a", leaseToken: 1 })).toBe(true);
  });
});
