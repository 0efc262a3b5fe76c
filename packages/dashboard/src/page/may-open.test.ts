import { expect, test } from "vitest";
import { mayOpen } from "./may-open.ts";

const request = new Request("http://localhost/");

test.each(["read", "all", { actions: [] }] as const)("who may %j gets a page", async (access) => {
  expect(await mayOpen({ authorize: () => access }, request)).toBe(true);
});

test("who may nothing gets no page", async () => {
  expect(await mayOpen({ authorize: async () => null }, request)).toBe(false);
});

test("a decision that fails opens the page, which shows the API's problem", async () => {
  const failing = () => {
    throw new Error("the users' database is away");
  };
  expect(await mayOpen({ authorize: failing }, request)).toBe(true);
});

test("everybody gets the page on which people log in", async () => {
  const authorize = Object.assign(() => null, { login: () => null });

  expect(await mayOpen({ authorize }, request)).toBe(true);
});
