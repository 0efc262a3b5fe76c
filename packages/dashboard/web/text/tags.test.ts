import { expect, it } from "vitest";
import { tagsOf } from "./tags.ts";

it.each([
  ["vip, eu", ["vip", "eu"]],
  [" vip ,, vip,eu , ", ["vip", "eu"]],
  ["", []],
  [" , ", []],
])("the tags of %j are %j", (text, tags) => {
  expect(tagsOf(text)).toEqual(tags);
});
