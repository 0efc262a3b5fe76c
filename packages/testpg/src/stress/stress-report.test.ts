import { describe, expect, it } from "vitest";
import { hasPassed, type Round, roundReport, stressReport } from "./stress-report.ts";

const good: Round = {
  number: 1,
  seed: 41,
  seconds: 12.4,
  suites: [
    { package: "schema", passed: 63, failed: 0, seconds: 5.2, failures: [] },
    { package: "queue", passed: 384, failed: 0, seconds: 12.1, failures: [] },
  ],
};
const bad: Round = {
  number: 2,
  seed: 42,
  seconds: 30,
  suites: [
    {
      package: "queue",
      passed: 382,
      failed: 2,
      seconds: 30,
      failures: ["test/a.db.test.ts > one", "test/b.db.test.ts > two"],
    },
  ],
};

describe("the report of a round", () => {
  it("has its number, its seed, its counts and its seconds, and those of each suite", () => {
    expect(roundReport(good, 10)).toBe(
      "round 1 of 10, seed 41: 447 passed, 0 failed, 12 s\n  schema 63 in 5 s, queue 384 in 12 s\n",
    );
  });

  it("names what failed, and how to repeat it", () => {
    expect(roundReport(bad, 10).split("\n").slice(2)).toEqual([
      "  failed: queue test/a.db.test.ts > one",
      "  failed: queue test/b.db.test.ts > two",
      "  again: pnpm test:stress --rounds 1 --seed 42 --package queue",
      "",
    ]);
  });
});

describe("the report of all rounds", () => {
  it("counts the rounds that passed, and ends with the counts of all tests", () => {
    expect(stressReport([good, bad])).toBe("1 of 2 rounds passed\n829 passed, 2 failed\n");
  });

  it("is good only when nothing failed", () => {
    expect([good, bad].map(hasPassed)).toEqual([true, false]);
  });
});
