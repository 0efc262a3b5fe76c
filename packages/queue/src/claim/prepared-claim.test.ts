import { expect, test } from "vitest";
import { ClaimPlanName } from "./prepared-claim.ts";

const quick = (found: number, now: number) => ({ found, tookMs: 1, now });

test("a plan is kept only while claims find few jobs", () => {
  const name = new ClaimPlanName();

  expect(name.current).toBeUndefined();
  name.claimed(quick(3, 0));
  expect(name.current).toBe("millrace_claim_1_1");
  name.claimed(quick(50, 1));
  expect(name.current).toBeUndefined();
});

test("a plan that was slow is made anew, once a second at most", () => {
  const name = new ClaimPlanName();
  name.claimed(quick(0, 0));

  name.claimed({ found: 0, tookMs: 11, now: 10 });
  expect(name.current).toBe("millrace_claim_1_2");
  name.claimed({ found: 0, tookMs: 500, now: 1_009 });
  expect(name.current).toBe("millrace_claim_1_2");
  name.claimed({ found: 0, tookMs: 500, now: 1_010 });
  expect(name.current).toBe("millrace_claim_1_3");
});

test("where every claim is slow, no more than 50 plans are ever kept by a connection", () => {
  const name = new ClaimPlanName();
  name.claimed(quick(0, 0));

  for (let n = 1; n <= 60; n += 1) name.claimed({ found: 0, tookMs: 20, now: n * 2_000 });

  expect(name.current).toBeUndefined();
});
