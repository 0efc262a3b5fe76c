import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonTokens, prettyJson } from "./json-tokens.ts";

describe("jsonTokens", () => {
  test("keeps the text of numbers and strings", () => {
    const text = '{"id": 9007199254740993, "rate": 1.10, "name": "a\\u0041\\"", "on": true}';

    expect(jsonTokens(text).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      "punctuation {",
      'key "id"',
      "punctuation :",
      "number 9007199254740993",
      "punctuation ,",
      'key "rate"',
      "punctuation :",
      "number 1.10",
      "punctuation ,",
      'key "name"',
      "punctuation :",
      'string "a\\u0041\\""',
      "punctuation ,",
      'key "on"',
      "punctuation :",
      "literal true",
      "punctuation }",
    ]);
  });

  test("loses no character of any text but white space", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const outside = (each: string) => each.replace(/\s+/g, "");
        const tokens = jsonTokens(text);
        expect(outside(tokens.map((token) => token.text).join(""))).toBe(outside(text));
      }),
    );
  });

  test("is quick for a long text that never closes its string", () => {
    const text = `"${'\\"'.repeat(200_000)}\\`;

    expect(jsonTokens(text)).toEqual([{ kind: "bad", text }]);
  });
});

describe("prettyJson", () => {
  test("puts each member on a line, and leaves empty ones whole", () => {
    expect(prettyJson('{"a": [1, {"b": []}], "c": {}}')).toBe(
      ["{", '  "a": [', "    1,", "    {", '      "b": []', "    }", "  ],", '  "c": {}', "}"].join("\n"),
    );
  });

  test("does not grow with the square of the depth", () => {
    const text = "[".repeat(20_000) + "]".repeat(20_000);

    expect(prettyJson(text).length).toBeLessThan(10_000_000);
    expect(prettyJson(text).replaceAll(/\s/g, "")).toBe(text);
  });

  test("writes the same JSON as JSON.stringify for every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
      }),
    );
  });
});
