import { MISFIRE_POLICIES, OVERLAP_POLICIES } from "@millrace/schema/values";
import { describe, expect, it } from "vitest";
import { MISFIRE_CHOICES, OVERLAP_CHOICES, policyText, standingText } from "./policy-text.ts";

describe("the sentences about policies", () => {
  it("are there for each policy that the database knows", () => {
    expect(MISFIRE_CHOICES.map(({ name }) => name)).toEqual([...MISFIRE_POLICIES]);
    expect(OVERLAP_CHOICES.map(({ name }) => name)).toEqual([...OVERLAP_POLICIES]);
  });

  it("give way to the name of a policy that this page does not know", () => {
    expect(policyText(OVERLAP_CHOICES, "skip")).toContain("no job while an earlier job");
    expect(policyText(OVERLAP_CHOICES, "queue-behind")).toBe("queue-behind");
  });
});

describe("the standing of a schedule", () => {
  it.each(["no-handler", "no-future", "ended", "invalid", "disabled"])("is explained for %s", (status) => {
    expect(standingText(status)).toMatch(/\.$/);
  });

  it("needs no words for a schedule that runs", () => {
    expect(standingText("ready")).toBeNull();
  });
});
