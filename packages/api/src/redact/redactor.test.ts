import { describe, expect, test } from "vitest";
import { createRedactor, REDACTED_LENGTH_MAX } from "./redactor.ts";

describe("a redactor", () => {
  test("shows nothing of a text that is too long to look at", () => {
    const long = JSON.stringify({ a: "x".repeat(REDACTED_LENGTH_MAX), secret: 1 });

    expect(createRedactor(["secret"]).text(long)).toEqual({ text: '"[redacted]"', hits: ["secret"] });
    expect(createRedactor([]).text(long).text).toBe(long);
  });

  test("shows nothing of a text that it cannot read", () => {
    expect(createRedactor(["secret"]).text('{"secret": 1')).toEqual({
      text: '"[redacted]"',
      hits: ["secret"],
    });
  });

  test("gives up where paths have too many states in a text, and shows and finds nothing", () => {
    const paths = Array.from({ length: 90 }, (_, stars) => `**.a${".*".repeat(stars)}.z`);
    // Keys in no order, so that no two ways to a value are the same.
    let seed = 1;
    const keys = Array.from({ length: 3_000 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 1_000 < 500 ? "a" : "b";
    });
    const text = `${keys.map((key) => `{"${key}":`).join("")}1${"}".repeat(keys.length)}`;
    const redact = createRedactor(paths);

    expect(redact.text(text)).toEqual(redact.unread);
    expect(redact.pathInFilter(text)).toBe(paths[0]);
    expect(redact.text('{"a": {"z": 1}, "b": 2}').text).toBe('{"a": {"z": "[redacted]"}, "b": 2}');
  });

  test("redacts the payload within a payload, as dead letters have it", () => {
    const redact = createRedactor(["card.number"]);
    const letter = '{"jobId": "1", "payload": {"card": {"number": 4111}}}';

    expect(redact.text(letter)).toEqual({
      text: '{"jobId": "1", "payload": {"card": {"number": "[redacted]"}}}',
      hits: ["card.number"],
    });
    expect(redact.pathInFilter('{"payload": {"card": {"number": 4111}}}')).toBe("card.number");
    expect(redact.text('{"other": {"card": {"number": 4111}}}').hits).toEqual([]);
  });

  test("redacts the JSON of jobs wherever an entry of the audit log has it", () => {
    const redact = createRedactor(["card.number", "items.1"]);
    const card = { number: "4111", type: "visa" };
    const hidden = { number: "[redacted]", type: "visa" };

    expect(redact.within({ id: "1", change: { payload: { card }, queue: "mail" } })).toEqual({
      id: "1",
      change: { payload: { card: hidden }, queue: "mail" },
    });
    expect(redact.within({ name: "nightly", patch: { payload: { card } } })).toEqual({
      name: "nightly",
      patch: { payload: { card: hidden } },
    });
    expect(redact.within({ payloadContains: { items: ["a"] } })).toEqual({
      payloadContains: { items: ["[redacted]"] },
    });
    expect(redact.within({ state: "queued", metadata: { card } })).toEqual({
      state: "queued",
      metadata: { card: hidden },
    });
  });

  test.each([
    ["the value", '{"card": {"number": "4111"}}', "card.number"],
    ["an object at the path", '{"card": {"number": {}}}', "card.number"],
    ["a value below the path", '{"user": {"name": "ada"}}', "user"],
    ["any element, for the path of one position", '{"items": [{"secret": 1}]}', "items.3.secret"],
    ["a single value, which PostgreSQL finds in an array", '"4111"', "*"],
    ["a value at any depth", '{"a": {"b": {"password": "x"}}}', "**.password"],
  ])("refuses a filter by %s", (_what, filter, path) => {
    expect(createRedactor([path]).pathInFilter(filter)).toBe(path);
  });

  test.each([
    ["another key", '{"card": {"type": "visa"}}', "card.number"],
    ["what is around the path", '{"card": {}}', "card.number"],
    ["the key elsewhere", '{"number": 1}', "card.number"],
  ])("allows a filter by %s", (_what, filter, path) => {
    expect(createRedactor([path]).pathInFilter(filter)).toBeNull();
  });

  test.each([[["a..b"]], [[".a"]], [["a."]], [[""]], [["a\\"]], [[7]], ["a"]])(
    "refuses the paths %j",
    (paths) => {
      // The cast is the test: callers without types may give anything.
      expect(() => createRedactor(paths as string[])).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    },
  );
});
