import { expect, it } from "vitest";
import { tagsOf, tagsText } from "./tags.ts";

it.each([
  ["vip, eu", ["vip", "eu"]],
  [" vip ,, vip,eu , ", ["vip", "eu"]],
  ["", []],
  [" , ", []],
])("the tags of %j are %j", (text, tags) => {
  expect(tagsOf(text)).toEqual(tags);
});

it("tags with commas and backslashes are read again as they were written", () => {
  const tags = ["a,b", "c:\\d", "\\,", "plain"];

  expect(tagsText(["vip", "eu"])).toBe("vip, eu");
  expect(tagsOf(tagsText(tags))).toEqual(tags);
});
