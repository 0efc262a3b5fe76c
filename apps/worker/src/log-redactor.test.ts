import { describe, expect, test } from "vitest";
import { createLog, logEvent } from "./log.ts";
import { createLogRedactor, type LogRedactor } from "./log-redactor.ts";

function redactorOf(...paths: string[]): LogRedactor {
  const redactor = createLogRedactor(paths);
  if (redactor === null) throw new Error("no path was given");
  return redactor;
}

const errorText = (payload: never | object, text: string, ...paths: string[]) =>
  // The cast is safe: the payloads below are JSON.
  redactorOf(...paths).errorText(text, { payload: payload as never });

describe("a line", () => {
  const lineOf = (fields: object, ...paths: string[]) => {
    const written: string[] = [];
    const stream = { write: (text: string) => void written.push(text) };
    createLog("info", { stream, redactor: redactorOf(...paths) }).info(fields, "said");
    expect(written[0]?.endsWith("\n")).toBe(true);
    const { level, time, pid, hostname, msg, ...rest } = JSON.parse(written[0] ?? "");
    expect([level, msg]).toEqual([30, "said"]);
    return rest;
  };

  test.each([
    [
      "a part of a payload under its own name",
      { card: { number: 1, type: "v" } },
      "card.number",
      { card: { number: "[redacted]", type: "v" } },
    ],
    [
      "a payload at some depth",
      { order: { payload: { card: { number: 1 } } } },
      "card.number",
      { order: { payload: { card: { number: "[redacted]" } } } },
    ],
    [
      "each element",
      { items: [{ secret: 1, n: 1 }, { secret: 2 }] },
      "items.*.secret",
      { items: [{ secret: "[redacted]", n: 1 }, { secret: "[redacted]" }] },
    ],
    [
      "any depth",
      { a: { b: { password: "x" } }, password: 1 },
      "**.password",
      { a: { b: { password: "[redacted]" } }, password: "[redacted]" },
    ],
    ["all below", { user: { name: "ada" } }, "user", { user: "[redacted]" }],
    ["nothing else", { cart: { number: 1 } }, "card.number", { cart: { number: 1 } }],
  ])("loses %s", (_what, fields, path, expected) => {
    expect(lineOf(fields, path)).toEqual(expected);
  });

  test("loses a value below a key that JavaScript has by itself", () => {
    const fields = JSON.parse('{"a": {"__proto__": {"x": 1}}}');

    expect(JSON.stringify(lineOf(fields, "__proto__.x"))).toBe('{"a":{"__proto__":{"x":"[redacted]"}}}');
  });

  test("loses the fields of an error and of its cause, and rows that the database quotes", () => {
    const cause = Object.assign(new Error("inner"), {
      card: { number: 4111 },
      detail: "Failing row contains (4111)",
    });
    const err = Object.assign(new Error("outer", { cause }), { card: { number: 4111 } });
    const line = lineOf({ err }, "card.number");

    expect(line.err).toMatchObject({
      message: "outer",
      card: { number: "[redacted]" },
      cause: { card: { number: "[redacted]" }, detail: "[redacted]" },
    });
    expect(JSON.stringify(line)).not.toContain("4111");
  });

  test("that is too long is left out whole, and says so", () => {
    expect(redactorOf("a").line(JSON.stringify({ b: "x".repeat(1_000_001) }))).toContain(
      "a line was left out",
    );
  });
});

describe("the text of an error", () => {
  test("loses the values that the payload has at the paths, wherever it quotes them", () => {
    const payload = { card: { number: "4111-2222", pin: 98_765 }, user: { name: 'Ada "x"', city: "Rome" } };
    const text = 'Error: 4111-2222 and 98765 of {"name":"Ada \\"x\\""} Ada "x", Rome';

    expect(errorText(payload, text, "card", "user.name")).toBe(
      'Error: [redacted] and [redacted] of {"name":"[redacted]"} [redacted], Rome',
    );
  });

  test("loses the longer of two values that begin alike, and values that look like patterns", () => {
    const payload = { a: ["secret", "secret-more", "x.*+?^$()|[]{}\\/-y"] };

    expect(errorText(payload, "secret-more secret x.*+?^$()|[]{}\\/-y xZZy", "a")).toBe(
      "[redacted] [redacted] [redacted] xZZy",
    );
  });

  test("loses what the payload within a dead letter's payload has", () => {
    expect(errorText({ jobId: "1", payload: { token: "s3cret" } }, "no s3cret", "token")).toBe(
      "no [redacted]",
    );
  });

  test("keeps short values, and a payload without such a value changes nothing", () => {
    expect(errorText({ pin: "abc" }, "abc abc", "pin")).toBe("abc abc");
    expect(errorText({ other: "value" }, "value", "pin")).toBe("value");
    expect(redactorOf("pin").errorText("text", { payload: null })).toBe("text");
  });

  test("is hidden whole when the payload has too many such values", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => `value-${at}`);

    expect(errorText({ many }, "some text", "many")).toBe("[redacted]");
  });

  test("of a whole payload that is one text loses the text", () => {
    expect(redactorOf("**").errorText("got s3cret", { payload: "s3cret" })).toBe("got [redacted]");
  });
});

test("the lines of a job's end are written without the values", () => {
  const written: string[] = [];
  const redactor = redactorOf("token");
  const log = createLog("info", { stream: { write: (text) => void written.push(text) }, redactor });
  const job = {
    ...{ id: "1", queue: "q", type: "t", leaseToken: 1, attempt: 1, maxAttempts: 1, crashes: 0 },
    payload: { token: "s3cret" },
  };
  logEvent(log, { kind: "job-failed", job, durationMs: 1, error: "bad s3cret" }, redactor);

  expect(JSON.parse(written[0] ?? "")).toMatchObject({
    msg: "job failed",
    type: "t",
    error: "bad [redacted]",
  });
});

test("no paths need no redactor, and a bad path is refused", () => {
  expect(createLogRedactor([])).toBeNull();
  expect(() => createLogRedactor(["a..b"])).toThrow("logRedact");
});
