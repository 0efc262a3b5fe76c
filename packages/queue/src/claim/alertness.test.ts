import { expect, test } from "vitest";
import { type Alertness, alert, alertnessAfter, nextClaim } from "./alertness.ts";

/** Claims in turn, and gives how alert the worker then is, and when it claims again after each. */
function after(start: Alertness, claims: readonly (readonly [found: number, now: number])[]) {
  let alertness = start;
  const next = claims.map(([found, now]) => {
    const result = { found, isFull: found === 10, now };
    alertness = alertnessAfter(alertness, result);
    return nextClaim(alertness, result);
  });
  return { alertness, next };
}

const asleep = after(alert(true), [[0, 0]]).alertness;

test("a full claim is followed by another at once, asleep or not", () => {
  expect(after(alert(true), [[10, 0]]).next).toEqual(["at-once"]);
  expect(after(asleep, [[10, 200]])).toEqual({
    alertness: expect.objectContaining({ kind: "asleep" }),
    next: ["at-once"],
  });
});

test("while jobs come, it looks again by itself", () => {
  const { alertness, next } = after(alert(true), [
    [3, 0],
    [0, 19],
  ]);

  expect(next).toEqual(["soon", "soon"]);
  expect(alertness.kind).toBe("alert");
});

test("when none come any more it falls asleep", () => {
  const { alertness, next } = after(alert(true), [
    [3, 0],
    [0, 20],
    [0, 21],
  ]);

  expect(next).toEqual(["soon", "later", "later"]);
  expect(alertness.kind).toBe("asleep");
});

test("a sleeper that is woken for single jobs stays asleep: nothing is written for them", () => {
  const { alertness, next } = after(
    asleep,
    Array.from({ length: 40 }, (_, n) => [1, 100 + n * 50] as const),
  );

  expect(new Set(next)).toEqual(new Set(["later"]));
  expect(alertness.kind).toBe("asleep");
});

test("a sleeper that is woken again and again stays awake", () => {
  const { alertness, next } = after(
    asleep,
    Array.from({ length: 9 }, (_, n) => [1, 100 + n] as const),
  );

  expect(alertness).toEqual({ kind: "alert", canBeNotified: true, foundAt: 108, isBelievedAsleep: true });
  expect(next.at(-1)).toBe("soon");
});

test("one that cannot be notified never falls asleep", () => {
  const { alertness, next } = after(alert(false), [[0, 100]]);

  expect(next).toEqual(["later"]);
  expect(alertness.kind).toBe("alert");
});
