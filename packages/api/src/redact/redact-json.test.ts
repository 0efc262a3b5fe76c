import { redactedPaths } from "@millrace/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactJson } from "./redact-json.ts";

const redacted = (json: string, ...paths: string[]) => redactJson(json, redactedPaths(paths));

describe("a value at a redacted path is replaced, and nothing else", () => {
  test.each([
    [
      "a key",
      ["card.number"],
      '{"card": {"number": "4111", "type": "visa"}}',
      '{"card": {"number": "[redacted]", "type": "visa"}}',
    ],
    [
      "any position",
      ["items.*.secret"],
      '{"items": [{"secret": 1}, {"open": 2}]}',
      '{"items": [{"secret": "[redacted]"}, {"open": 2}]}',
    ],
    [
      "any key",
      ["items.*.secret"],
      '{"items": {"a": {"secret": 1}}}',
      '{"items": {"a": {"secret": "[redacted]"}}}',
    ],
    ["one position", ["items.1"], '{"items": [7, 8, 9]}', '{"items": [7, "[redacted]", 9]}'],
    [
      "any depth",
      ["**.password"],
      '{"a": [{"b": {"password": {"x": 1}}}], "password": null}',
      '{"a": [{"b": {"password": "[redacted]"}}], "password": "[redacted]"}',
    ],
    ["all below a key", ["user.**"], '{"user": {"name": "ada"}, "id": 1}', '{"user": "[redacted]", "id": 1}'],
    ["everything", ["**"], '{"a": 1}', '"[redacted]"'],
    ["a whole array", ["tokens"], '{"tokens": ["a", ["b"]], "n": 1}', '{"tokens": "[redacted]", "n": 1}'],
    [
      "several paths",
      ["a", "c.d"],
      '{"a": 1, "b": 2, "c": {"d": 3}}',
      '{"a": "[redacted]", "b": 2, "c": {"d": "[redacted]"}}',
    ],
    [
      "a key with a dot and a star",
      ["a\\.b.\\*"],
      '{"a.b": {"*": 1, "c": 2}}',
      '{"a.b": {"*": "[redacted]", "c": 2}}',
    ],
    ["an escaped key", ["password"], '{"pass\\u0077ord": 1}', '{"pass\\u0077ord": "[redacted]"}'],
    [
      "a backslash",
      ["\\\\.x"],
      '{"a": 1, "\\\\": {"x": 1}, "\\n": {"x": 1}}',
      '{"a": 1, "\\\\": {"x": "[redacted]"}, "\\n": {"x": 1}}',
    ],
    ["__proto__", ["__proto__.x"], '{"__proto__": {"x": 1}}', '{"__proto__": {"x": "[redacted]"}}'],
    ["no value", ["x.y"], '{"x": 1, "y": 2}', '{"x": 1, "y": 2}'],
    ["empty containers", ["x"], '{"a": {}, "b": []}', '{"a": {}, "b": []}'],
  ])("%s", (_what, paths, json, expected) => {
    expect(redacted(json, ...paths).text).toBe(expected);
  });

  test("numbers stay as PostgreSQL writes them", () => {
    const json = '{"id": 12345678901234567890, "x": 0.10000000000000000001, "card": 1e400}';

    expect(redacted(json, "card").text).toBe(
      '{"id": 12345678901234567890, "x": 0.10000000000000000001, "card": "[redacted]"}',
    );
  });

  test("brackets and quotes within strings end nothing", () => {
    const json = '{"a": "}]\\"\\\\", "secret": "{[\\\\\\"", "b": "]"}';

    expect(redacted(json, "secret").text).toBe('{"a": "}]\\"\\\\", "secret": "[redacted]", "b": "]"}');
  });

  test("the paths that there was a value at are told", () => {
    expect(redacted('{"a": 1, "b": 2}', "a", "c", "**.b").hits).toEqual(["a", "**.b"]);
  });

  test("JSON that is nested 100,000 deep is read without a stack", () => {
    const deep = `${'{"a":'.repeat(100_000)}{"secret": 1}${"}".repeat(100_000)}`;

    expect(redacted(deep, "**.secret").text).toBe(deep.replace('"secret": 1', '"secret": "[redacted]"'));
  });

  test.each(["[1, 2", '{"a": 1', '{"a"', "[", '{"a": "b', "{1: 2}"])("%s is refused", (json) => {
    expect(() => redacted(json, "**.x")).toThrow();
  });
});

test("for any JSON and any key: no value of the key is left, and the rest is the same", () => {
  // No key with a backslash: JSON.parse of Node 24 reads `"\\n"` as such a key after an object that had one.
  const key = fc.constantFrom("secret", "a", "b", "", "__proto__", '"', "\n");
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(1, 0.5, null, true, "secret", '"}', "\\"),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie("json")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, name === "secret" ? "[redacted]" : without(each)]),
    );
  };

  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2), (value, space) => {
      const { text } = redacted(JSON.stringify(value, null, space), "**.secret");
      expect(JSON.parse(text)).toEqual(without(value));
    }),
  );
});
