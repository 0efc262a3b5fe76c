import { expect, test } from "vitest";
import { RETRY_AFTER_MS_MAX, retryAfterMs } from "./retry-after.ts";

const date = "Sun, 06 Nov 1994 08:49:37 GMT";

test.each([
  ["120", undefined, 120_000],
  ["0", undefined, 0],
  ["86401", undefined, RETRY_AFTER_MS_MAX],
  ["99999999999999999999", undefined, RETRY_AFTER_MS_MAX],
  ["Sun, 06 Nov 1994 08:50:37 GMT", date, 60_000],
  ["Sunday, 06-Nov-94 08:50:37 GMT", date, 60_000],
  ["Sun Nov  6 08:50:37 1994", date, 60_000],
  ["Saturday, 01-Jan-00 00:00:05 GMT", "Fri, 31 Dec 1999 23:59:55 GMT", 10_000],
  ["Mon, 07 Nov 1994 20:00:00 GMT", date, RETRY_AFTER_MS_MAX],
])("Retry-After: %s, answered at %s, is %d ms", (value, answeredAt, ms) => {
  const headers = new Headers({ "retry-after": value });
  if (answeredAt !== undefined) headers.set("date", answeredAt);

  expect(retryAfterMs(headers)).toBe(ms);
});

test("a date in the past asks for no wait", () => {
  expect(retryAfterMs(new Headers({ "retry-after": "Sun, 06 Nov 1994 08:00:00 GMT", date }))).toBe(0);
});

test.each(["", "-1", "1.5", "soon", "1994-11-06T08:50:37Z", "Sun, 06 Foo 1994 08:50:37 GMT"])(
  "Retry-After: %j says nothing",
  (value) => {
    expect(retryAfterMs(new Headers({ "retry-after": value, date }))).toBeUndefined();
  },
);

test("a date says nothing when the answer does not tell its own", () => {
  expect(retryAfterMs(new Headers({ "retry-after": date }))).toBeUndefined();
});

test("an answer without the header says nothing", () => {
  expect(retryAfterMs(new Headers({ date }))).toBeUndefined();
});
