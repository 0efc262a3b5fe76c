import { expect, test } from "vitest";
import { reasonOf } from "./reason-of.ts";

test("an error is told in one line", () => {
  expect(reasonOf(new Error("first\n  second."))).toBe("first second");
});

test("several addresses that were tried are told once each", () => {
  const refused = new Error("connect ECONNREFUSED ::1:5432");
  const other = new Error("connect ECONNREFUSED 127.0.0.1:5432");

  expect(reasonOf(new AggregateError([refused, other, refused]))).toBe(
    "connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432",
  );
});

test("an error without a message is told by its code, or its name", () => {
  expect(reasonOf(Object.assign(new Error(""), { code: "ECONNREFUSED" }))).toBe("ECONNREFUSED");
  expect(reasonOf(new RangeError(""))).toBe("RangeError");
  expect(reasonOf(new AggregateError([]))).toBe("AggregateError");
  expect(reasonOf("text")).toBe("text");
});
