import { type Clock, systemClock } from "@millrace/base";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Recovered } from "./recover-jobs.sql.ts";
import { startRecoveryLoop } from "./recovery-loop.ts";

/** The first look of a worker comes at half of the time between two looks. */
const clock: Clock = { ...systemClock, random: () => 0.5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOTHING: Recovered = { requeued: [], failed: [], canceled: [], hasChores: false };

/** Recovers from a database that gives these answers, one a look, and then finds nothing. */
function recovering(answers: (Recovered | Error)[], expired: string[][] = []) {
  const from = clock.now();
  const happened: string[] = [];
  const note = (what: string) => void happened.push(`${Math.round(clock.now() - from)} ${what}`);
  startRecoveryLoop({
    clock,
    maxCrashes: 5,
    async recover({ limit }) {
      const answer = answers.shift() ?? NOTHING;
      note(`look for ${limit}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async doChores(limit) {
      note(`chores of ${limit}`);
      return expired.shift() ?? [];
    },
    onAnswer: () => note("answer"),
    onRecovered: ({ requeued, failed }) => note(`recovered ${requeued.length + failed.length}`),
    onExpired: (ids) => note(`expired ${ids.length}`),
    onError: (error) => note(String(error)),
  });
  return happened;
}

test("leases that ran out are looked for at a beat, and what was taken back is told", async () => {
  const happened = recovering([{ ...NOTHING, requeued: ["a"], failed: ["b"] }]);

  await vi.advanceTimersByTimeAsync(1_400);

  expect(happened).toEqual([
    "450 look for 500",
    "450 answer",
    "450 recovered 2",
    "1350 look for 500",
    "1350 answer",
  ]);
});

test("what a lost worker held beyond one batch is taken back without a pause", async () => {
  const full = Array.from({ length: 500 }, (_, n) => String(n));
  const happened = recovering([{ ...NOTHING, requeued: full }]);

  await vi.advanceTimersByTimeAsync(500);

  expect(happened.filter((what) => what.includes("look"))).toHaveLength(2);
});

test("a database that is away is asked again at the next beat", async () => {
  const happened = recovering([new Error("away")]);

  await vi.advanceTimersByTimeAsync(1_400);

  expect(happened).toEqual(["450 look for 500", "450 Error: away", "1350 look for 500", "1350 answer"]);
});

test("chores are done when the look found some, and without a pause while they are full", async () => {
  const full = Array.from({ length: 500 }, (_, n) => String(n));
  const chores = { ...NOTHING, hasChores: true };
  const happened = recovering([chores, chores, NOTHING], [full, ["last"]]);

  await vi.advanceTimersByTimeAsync(1_400);

  expect(happened.map((what) => what.replace(/^\d+ /, "")).filter((what) => what !== "answer")).toEqual([
    "look for 500",
    "chores of 500",
    "expired 500",
    "look for 500",
    "chores of 500",
    "expired 1",
    "look for 500",
  ]);
});
