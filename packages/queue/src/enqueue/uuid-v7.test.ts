import { expect, test } from "vitest";
import { createIdSource } from "./uuid-v7.ts";

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID of version 7 that begins with its instant", () => {
  const id = createIdSource(() => 0x0123456789ab).next();

  expect(id).toMatch(SHAPE);
  expect(id.startsWith("01234567-89ab-7000-8000-")).toBe(true);
});

test("ids grow within a millisecond, from one to the next, and when the clock goes back", () => {
  const clock = [5, 5, 5, 6, 4, 4, 7];
  const source = createIdSource(() => clock.shift() ?? 7);

  const ids = Array.from({ length: 10 }, () => source.next());

  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(10);
});

test("ids stay unique and growing past the counter's end within one millisecond", () => {
  const source = createIdSource(
    () => 1,
    (bytes) => new Uint8Array(bytes),
  );
  let last = "";
  let grew = true;
  for (let n = 0; n <= 0x1_000_001; n += 1) {
    const id = source.next();
    if (id <= last) grew = false;
    last = id;
  }

  expect(grew).toBe(true);
  expect(last).toMatch(SHAPE);
});

test("two sources never make the same id", () => {
  const [one, other] = [createIdSource(() => 1), createIdSource(() => 1)];

  expect(one.next()).not.toBe(other.next());
});
