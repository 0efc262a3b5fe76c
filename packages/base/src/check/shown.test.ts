import { expect, it } from "vitest";
import { shown } from "./shown.ts";

class Pool {
  password = "secret";
}

it.each([
  ["mail", '"mail"'],
  [1.5, "1.5"],
  [10n, "10"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("s"), "Symbol(s)"],
  [() => 1, "a function"],
  [new Date("2030-01-01"), "2030-01-01T00:00:00.000Z"],
  [new Date("nonsense"), "an invalid Date"],
  [[], "[]"],
  [["a", "b"], "an array of 2"],
  [{}, "{}"],
  [{ password: "secret" }, "an object with password"],
  [Object.assign(Object.create(null), { a: 1 }), "an object with a"],
  [new Pool(), "an object of the class Pool"],
  ["x".repeat(200), `"${"x".repeat(76)}...`],
])("%o is shown as %s, without what may be secret", (value, text) => {
  expect(shown(value)).toBe(text);
});
