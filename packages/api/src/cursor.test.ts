import { z } from "@hono/zod-openapi";
import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const schema = z.strictObject({ before: z.string() });

describe("a cursor", () => {
  test("is read back as it was made", () => {
    expect(decodeCursor(schema, encodeCursor({ before: "ä/+\u{1F600}" }))).toEqual({
      before: "ä/+\u{1F600}",
    });
  });

  test.each([
    ["no base64url", "a b"],
    ["no JSON", "AAAA"],
    ["another field", encodeCursor({ before: "1", more: 2 })],
    ["another type", encodeCursor({ before: 1 })],
    ["no object", encodeCursor("before")],
    ["a prototype", Buffer.from('{"__proto__":{"before":"1"}}').toString("base64url")],
  ])("is refused with %s", (_what, cursor) => {
    expect(() => decodeCursor(schema, cursor)).toThrow(
      expect.objectContaining({ code: "INVALID_CURSOR", refusal: expect.objectContaining({ status: 400 }) }),
    );
  });
});
