import { expect, test } from "vitest";
import { Alertness } from "./claim-mode.ts";

const found = (count: number, now: number) => ({ found: count, isFull: count === 10, now });

test("a full claim is followed by another at once, asleep or not", () => {
  const alertness = new Alertness(true);

  expect(alertness.claimed(found(10, 0))).toEqual({ kind: "now" });
  alertness.claimed(found(0, 100));
  expect(alertness.asleep).toBe(true);
  expect(alertness.claimed(found(10, 200))).toEqual({ kind: "now" });
});

test("while jobs come, it looks again by itself", () => {
  const alertness = new Alertness(true);

  expect(alertness.claimed(found(3, 0))).toEqual({ kind: "soon", ms: 2 });
  expect(alertness.claimed(found(0, 19))).toEqual({ kind: "soon", ms: 2 });
  expect(alertness.asleep).toBe(false);
});

test("when none come any more it asks to be notified, once, and rests", () => {
  const alertness = new Alertness(true);
  alertness.claimed(found(3, 0));

  expect(alertness.claimed(found(0, 20))).toEqual({ kind: "fall-asleep" });
  expect(alertness.claimed(found(0, 21))).toEqual({ kind: "rest" });
  expect(alertness.asleep).toBe(true);
});

test("a sleeper that is woken for single jobs stays asleep: nothing is written for them", () => {
  const alertness = new Alertness(true);
  alertness.claimed(found(0, 0));

  for (let now = 100; now < 2_000; now += 50) {
    expect(alertness.claimed(found(1, now))).toEqual({ kind: "rest" });
  }
  expect(alertness.asleep).toBe(true);
});

test("a sleeper that is woken again and again stays awake", () => {
  const alertness = new Alertness(true);
  alertness.claimed(found(0, 0));

  const looks = Array.from({ length: 9 }, (_, n) => alertness.claimed(found(1, 100 + n)));

  expect(alertness.asleep).toBe(false);
  expect(looks.at(-1)).toEqual({ kind: "soon", ms: 2 });
});

test("one that cannot be notified rests until its poll, and never says that it sleeps", () => {
  const alertness = new Alertness(false);

  expect(alertness.claimed(found(0, 100))).toEqual({ kind: "rest" });
  expect(alertness.asleep).toBe(false);
});
