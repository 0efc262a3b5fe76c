import { describe, expect, test } from "vitest";
import { namesRelation, parseRelationName, relationText } from "./relation-name.ts";

describe("the name of a table", () => {
  test.each([
    ["visits", ["visits"]],
    [" public.visits ", ["public", "visits"]],
    ["public.Visits.seen_at", ["public", "Visits", "seen_at"]],
    ['"a.b"."c""d"', ["a.b", 'c"d']],
  ])("%s has the parts %j", (text, parts) => {
    expect(parseRelationName(text)).toEqual(parts);
  });

  test.each(["", ".", "a.", ".a", "a..b", '"a', 'a"b', '""', "a b"])("cannot be %j", (text) => {
    expect(parseRelationName(text)).toBeNull();
  });

  test("that a message shows can be read again", () => {
    for (const parts of [["public", "visits"], ["a.b", 'c"d, e'], ["ä"]])
      expect(parseRelationName(relationText(parts))).toEqual(parts);
  });
});

describe("a setting", () => {
  const asked = { schema: "public", name: "visits" };

  test("names a table by schema and name, in this case alone", () => {
    expect(namesRelation(["public.visits"], asked)).toBe(true);
    expect(namesRelation(["visits"], asked)).toBe(true);
    expect(namesRelation(["public.Visits", "other.visits", '"public.visits"'], asked)).toBe(false);
    expect(namesRelation([], asked)).toBe(false);
  });

  test("names all columns of a table, or one", () => {
    expect(namesRelation(["visits"], { ...asked, column: "at" })).toBe(true);
    expect(namesRelation(["public.visits.at"], { ...asked, column: "at" })).toBe(true);
    expect(namesRelation(["public.visits.at"], { ...asked, column: "born" })).toBe(false);
  });
});
