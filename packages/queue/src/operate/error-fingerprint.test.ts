import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorFingerprint, firstLineOf } from "./error-fingerprint.ts";

const FRAMES = "\n    at run (/app/dist/mail.js:10:17)\n    at async /app/dist/main.js:3:1";

describe("the fingerprint of an error", () => {
  test.each([
    ["Error: timeout after 5003 ms for user 42", "Error: timeout after <n> ms for user <n>"],
    ["Error: waited 1.5s, -3 of 1,000 left", "Error: waited <n>s, <n> of <n> left"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <n>"],
    ["no order 0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f", "no order <id>"],
    ["no commit 9f86d081884c7d65 here", "no commit <id> here"],
    ["bad pointer 0xDEADBEEF", "bad pointer <id>"],
    ["No such customer: cus_N8fGh2kLmQ", "No such customer: cus_<id>"],
    ["pod mailer-7d9f8b6c5-x2x4z is gone", "pod mailer-<id> is gone"],
    ["id 01ARZ3NDEKTSV4RRFFQ69G5FAV", "id <id>"],
    [
      'column "total" of relation "orders" does not exist [42703]',
      'column "…" of relation "…" does not exist [<n>]',
    ],
    [
      "Cannot read properties of undefined (reading 'id')",
      "Cannot read properties of undefined (reading '…')",
    ],
    ["it can't and it won't be", "it can't and it won't be"],
    ["unknown flag `--fast`", "unknown flag `…`"],
    ["refused ada.l+test@example.org today", "refused <email> today"],
    [
      "GET https://api.example.org/v2/users/7?token=abc#x: 503",
      "GET https://api.example.org/v<n>/users/<n> <n>",
    ],
    ["late since 2026-03-01T10:00:00.123Z", "late since <time>"],
    ["charset utf8mb4 and sha256 in S3", "charset utf<n>mb<n> and sha<n> in S<n>"],
    ["a  text\twith   spaces ", "a text with spaces"],
  ])("%s", (error, fingerprint) => {
    expect(errorFingerprint(error)).toBe(fingerprint);
    expect(errorFingerprint(`${error}${FRAMES}`)).toBe(fingerprint);
  });

  test("of a crash does not depend on the worker", () => {
    const crash = (worker: string) =>
      `Worker ${worker} stopped renewing its lease during attempt 1: it crashed, froze or lost the database (crash 2).`;

    expect(errorFingerprint(crash("mail-eu"))).toBe(errorFingerprint(crash("ip-10-0-0-3.internal:77")));
  });

  test("reads on when the first line only begins something", () => {
    const error = (path: string) =>
      `ZodError: [\n  {\n    "path": ["${path}"],\n    "code": "invalid_type"\n  }\n]`;

    expect(errorFingerprint(error("total"))).toBe('ZodError: [ { "…": ["…"],');
    expect(errorFingerprint(error("total"))).toBe(errorFingerprint(error("name")));
  });

  test("tells kinds apart", () => {
    const kinds = ["timeout after 3 ms", "timeout before 3 ms", "TypeError: x", "Error: x", null].map(
      errorFingerprint,
    );

    expect(new Set(kinds).size).toBe(5);
  });

  test.each([[null], [""], ["  \n "], [`${FRAMES}`]])("of %j, which says nothing, says so", (error) => {
    expect(errorFingerprint(error)).toBe("(no error text)");
  });

  test("is the same whatever the numbers are", () => {
    const word = fc.string({ maxLength: 30 }).map((text) => text.replace(/\d/g, ""));
    const number = fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, number, number), { maxLength: 20 }), (parts) => {
        // Words that end or begin with nothing would join two numbers into one.
        const first = parts.map(([text, one]) => `${text}_${one}`).join("");
        const second = parts.map(([text, , other]) => `${text}_${other}`).join("");

        expect(errorFingerprint(second)).toBe(errorFingerprint(first));
      }),
    );
  });

  test("of any text is one short line, and is computed in bounded time", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000, unit: "binary" }), (text) => {
        const fingerprint = errorFingerprint(text);

        expect(fingerprint.length).toBeGreaterThan(0);
        expect(fingerprint.length).toBeLessThanOrEqual(200);
        expect(fingerprint).not.toMatch(/\n|\d/);
      }),
    );
    expect(errorFingerprint("a".repeat(16_000)).length).toBe(200);
    expect(errorFingerprint("'".repeat(16_000)).length).toBeLessThanOrEqual(200);
  });
});

test("an error's first line is its first line that says something, without frames", () => {
  expect(firstLineOf(`\n\n  Error: x${FRAMES}`)).toBe("Error: x");
  expect(firstLineOf("a\r\nb")).toBe("a");
  expect(firstLineOf(FRAMES)).toBeNull();
});
