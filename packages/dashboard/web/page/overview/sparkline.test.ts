import { describe, expect, it } from "vitest";
import { sparklinePath } from "./sparkline.ts";

describe("the path of a small line", () => {
  const size = { width: 30, height: 10 };

  it("reaches from edge to edge, with the highest value at the top", () => {
    expect(sparklinePath([0, 10, 5, 0], size)).toBe("M0 10L10 0L20 5L30 10");
  });

  it("lies at the bottom where all is zero", () => {
    expect(sparklinePath([0, 0], size)).toBe("M0 10L30 10");
  });

  it("begins anew after a gap", () => {
    expect(sparklinePath([2, null, 2, 1], size)).toBe("M0 0M20 0L30 5");
  });

  it("is empty for fewer than two values", () => {
    expect(sparklinePath([3], size)).toBe("");
  });
});
