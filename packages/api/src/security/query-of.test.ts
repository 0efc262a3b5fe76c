import { z } from "@hono/zod-openapi";
import { describe, expect, test } from "vitest";
import { queryOf } from "./query-of.ts";

const schema = z.strictObject({
  queue: z.string().min(1).optional(),
  tag: z.array(z.string()).max(2).optional(),
  limit: z.coerce.number().int().min(1).default(50),
});
const read = (query: string) => queryOf(schema, `http://localhost/jobs${query}`);

describe("a query", () => {
  test.each([
    ["", { limit: 50 }],
    ["?queue=a%26b&limit=7", { queue: "a&b", limit: 7 }],
    ["?tag=a", { tag: ["a"], limit: 50 }],
    ["?tag=a&tag=b", { tag: ["a", "b"], limit: 50 }],
  ])("%s", (query, expected) => {
    expect(read(query)).toEqual(expected);
  });

  test.each([
    ["?quue=a", "quue"],
    ["?queue=a&queue=b", "queue"],
    ["?queue=", "queue"],
    ["?limit=0", "limit"],
    ["?limit=1.5", "limit"],
    ["?limit=x", "limit"],
    ["?tag=a&tag=b&tag=c", "tag"],
    ["?__proto__=a", "__proto__"],
    ["?constructor=a", "constructor"],
  ])("%s is refused by the name of its field", (query, field) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ status: 400, field }) }),
    );
  });

  test("must be empty where no field is known", () => {
    expect(queryOf(undefined, "http://localhost/")).toEqual({});
    expect(() => queryOf(undefined, "http://localhost/?x=1")).toThrow(
      expect.objectContaining({ code: "INVALID_REQUEST" }),
    );
  });
});
