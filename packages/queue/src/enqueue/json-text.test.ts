import { describe, expect, test } from "vitest";
import { InvalidPayloadError } from "../errors.ts";
import { JsonText } from "./json-text.ts";

const refusalOf = (text: unknown) => {
  try {
    return new JsonText(text as string).text;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPayloadError);
    expect(error).toMatchObject({ code: "INVALID_PAYLOAD", type: "" });
    return (error as Error).message;
  }
};

describe("a JsonText", () => {
  test.each([
    ["12345678901234567890.123"],
    ['{"a":[1.0,1e3,-0.50],"b":"x  y"}'],
    ['"\\ud83d\\ude00 and \\\\u0000 and \\\\"'],
    ['"\\uD83D\\uDE00"'],
    ["null"],
    ["1e308"],
    ["-1.25E-300"],
  ])("keeps %s as it is", (text) => {
    expect(new JsonText(text).text).toBe(text);
  });

  test.each([
    ["[1e131071]", `[1${"0".repeat(131_071)}]`],
    ["1e-16383", `0.${"0".repeat(16_382)}1`],
    ["-12.345e500", `-12345${"0".repeat(497)}`],
    ["12.345e-500", `0.${"0".repeat(498)}12345`],
    ["-0.0e500", "-0"],
    ["0e-500", `0.${"0".repeat(500)}`],
    ['{"1e999":"1e999","a":[1E+999,1e3]}', `{"1e999":"1e999","a":[1${"0".repeat(999)},1e3]}`],
    [`1${"2".repeat(500)}.75e1`, `1${"2".repeat(500)}7.5`],
  ])("writes out the long numbers of %s", (text, written) => {
    expect(new JsonText(text).text).toBe(written);
  });

  test("loses the blanks and line breaks between its parts, and none in its strings", () => {
    const text = '\r\n{ "a b" :\t[ 1 ,\n"\\" , {" , 2.50 ] }\n';

    expect(new JsonText(text).text).toBe('{"a b":[1,"\\" , {",2.50]}');
  });

  test("is a value where JSON is made of values", () => {
    expect(JSON.stringify({ a: new JsonText('{"b": 1.50}') })).toBe('{"a":{"b":1.5}}');
  });

  test("may have long strings and many of them", () => {
    const long = JSON.stringify(["\\".repeat(1_000_000), ...Array.from({ length: 100_000 }, () => '"')]);

    expect(new JsonText(long).text).toBe(long);
  });

  test.each([
    ["{", "is not JSON"],
    ["", "is not JSON"],
    ["{'a': 1}", "is not JSON"],
    ["NaN", "is not JSON"],
    [7, "must be JSON as a string, got 7"],
    [undefined, "must be JSON as a string"],
    ['"\\u0000"', "must not contain the character U+0000"],
    ['"\\ud83d"', "half of a surrogate pair"],
    ['"\\uD83D x \\uDE00"', "half of a surrogate pair"],
    ['"\\ude00\\ud83d"', "half of a surrogate pair"],
    ['"\\ud83d\\n\\ude00"', "half of a surrogate pair"],
    ['"\ud83d"', "half of a surrogate pair"],
    ['{"a":"\\u0000","a":1}', "must not contain the character U+0000"],
    ["[1e131072]", "the number 1e131072 has more digits"],
    ["1e-16384", "the number 1e-16384 has more digits"],
  ])("is refused: %j", (text, message) => {
    expect(refusalOf(text)).toContain(message);
  });

  test("with too many digits is refused", () => {
    expect(refusalOf(`[${Array(33).fill("1e131071").join(",")}]`)).toContain("have 4325376 digits");
    expect(refusalOf("9".repeat(131_073))).toContain(`the number ${"9".repeat(50)} has more digits`);
  });
});
