import { expect, test } from "vitest";
import { PreparedClaim } from "./prepared-claim.ts";

const quick = (found: number, now: number) => ({ found, tookMs: 1, now });

test("a plan is kept only while claims find few jobs", () => {
  const prepared = new PreparedClaim();

  expect(prepared.name).toBeUndefined();
  prepared.learn(quick(3, 0));
  expect(prepared.name).toBe("millrace_claim_2_1");
  prepared.learn(quick(50, 1));
  expect(prepared.name).toBeUndefined();
});

test("a plan that was slow is made anew, once a second at most", () => {
  const prepared = new PreparedClaim();
  prepared.learn(quick(0, 0));

  prepared.learn({ found: 0, tookMs: 11, now: 10 });
  expect(prepared.name).toBe("millrace_claim_2_2");
  prepared.learn({ found: 0, tookMs: 500, now: 1_009 });
  expect(prepared.name).toBe("millrace_claim_2_2");
  prepared.learn({ found: 0, tookMs: 500, now: 1_010 });
  expect(prepared.name).toBe("millrace_claim_2_3");
});

test("where every claim is slow, no more than 50 plans are ever kept by a connection", () => {
  const prepared = new PreparedClaim();
  prepared.learn(quick(0, 0));

  for (let n = 1; n <= 60; n += 1) prepared.learn({ found: 0, tookMs: 20, now: n * 2_000 });

  expect(prepared.name).toBeUndefined();
});
