import { describe, expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { parseJson } from "./parse-json.ts";

describe("parseJson", () => {
  test.each([
    ['{"a":[1,-2.5,1e3,null,true]}', { a: [1, -2.5, 1_000, null, true] }],
    ["-5", -5],
    ['"text"', "text"],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ['"12345678901234567890"', "12345678901234567890"],
  ])("%s is taken as it is", (text, expected) => {
    expect(parseJson(text, "--payload")).toEqual(expected);
  });

  test.each(["", "{", "{'a':1}", "undefined", "NaN", "[1,]"])(
    "%j is refused, naming where it came from and what was expected",
    (text) => {
      expect(() => parseJson(text, "--payload")).toThrow(
        /^--payload is not JSON: .*Expected a JSON value such as/,
      );
      expect(() => parseJson(text, "--payload")).toThrow(UsageError);
    },
  );

  test.each(["12345678901234567890", "-9007199254740993", "1e999"])(
    "the number %s is refused rather than stored as another",
    (number) => {
      expect(() => parseJson(`{"id":[${number}]}`, "a.json")).toThrow(
        `a.json: the number ${number} cannot be kept exactly; write it as a string.`,
      );
    },
  );
});
