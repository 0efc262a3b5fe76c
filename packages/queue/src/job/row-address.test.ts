import { expect, test } from "vitest";
import { readRowAddress } from "./row-address.ts";

test.each([
  { env: {}, address: "ctid" },
  { env: { MILLRACE_ROW_ADDRESS: "" }, address: "ctid" },
  { env: { MILLRACE_ROW_ADDRESS: "ctid" }, address: "ctid" },
  { env: { MILLRACE_ROW_ADDRESS: "id" }, address: "id" },
])("$env asks for $address", ({ env, address }) => {
  expect(readRowAddress(env)).toBe(address);
});

test("another value is refused, with the values that are allowed", () => {
  expect(() => readRowAddress({ MILLRACE_ROW_ADDRESS: "ID" })).toThrow(
    'MILLRACE_ROW_ADDRESS is "ID": it must be ctid, or id for a database that has no ctid.',
  );
});
