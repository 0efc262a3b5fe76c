import { type Clock, systemClock } from "@millrace/base";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecoverResult } from "./recover-jobs.sql.ts";
import { startRecoveryLoop } from "./recovery-loop.ts";

/** The first look of a worker comes at half of the time between two looks. */
const clock: Clock = { ...systemClock, random: () => 0.5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Recovers from a database that gives these answers, one a look, and then finds nothing. */
function recovering(answers: (RecoverResult | Error)[]) {
  const from = clock.now();
  const happened: string[] = [];
  const note = (what: string) => void happened.push(`${Math.round(clock.now() - from)} ${what}`);
  startRecoveryLoop({
    clock,
    maxCrashes: 5,
    async recover({ limit }) {
      const answer = answers.shift() ?? { requeued: [], failed: [], canceled: [] };
      note(`look for ${limit}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onAnswer: () => note("answer"),
    onRecovered: ({ requeued, failed }) => note(`recovered ${requeued.length + failed.length}`),
    onError: (error) => note(String(error)),
  });
  return happened;
}

test("leases that ran out are looked for at a beat, and what was taken back is told", async () => {
  const happened = recovering([{ requeued: ["a"], failed: ["b"], canceled: [] }]);

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
  const happened = recovering([{ requeued: full, failed: [], canceled: [] }]);

  await vi.advanceTimersByTimeAsync(500);

  expect(happened.filter((what) => what.includes("look"))).toHaveLength(2);
});

test("a database that is away is asked again at the next beat", async () => {
  const happened = recovering([new Error("away")]);

  await vi.advanceTimersByTimeAsync(1_400);

  expect(happened).toEqual(["450 look for 500", "450 Error: away", "1350 look for 500", "1350 answer"]);
});
