import { expect, test } from "vitest";
import { jsonDocument } from "./json.ts";

test("one document, and a line end at its end only", () => {
  expect(jsonDocument({ at: new Date(0), none: null })).toBe(
    '{\n  "at": "1970-01-01T00:00:00.000Z",\n  "none": null\n}\n',
  );
});

test("control characters are escaped, and read back as they were", () => {
  const value = { "key\u009b": "\u001b[2J\u009b31m\u007f\u202e\n\t\\" };

  const document = jsonDocument(value);

  expect(document.match(/[\p{Cc}\p{Cf}]/gu)).toEqual(["\n", "\n", "\n"]);
  expect(JSON.parse(document)).toEqual(value);
});

test("a long value is not cut", () => {
  const value = "x".repeat(100_000);

  expect(JSON.parse(jsonDocument(value))).toBe(value);
});
