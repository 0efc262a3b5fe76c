import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import { checkFields } from "./check-fields.ts";
import { fieldNames } from "./field-problem.ts";

const known = fieldNames<{ delayMs?: number; queue?: string; leaseSeconds?: number }>({
  delayMs: true,
  queue: true,
  leaseSeconds: true,
});

const problemOf = (value: unknown): string => {
  try {
    checkFields("options", value, known);
  } catch (error) {
    if (error instanceof InvalidOptionError) return `${error.option}: ${error.message}`;
  }
  return "none";
};

describe("the check of an object's fields", () => {
  it.each([
    [{ delay: 1 }, "options.delay: `options.delay` is unknown; did you mean `delayMs`?"],
    [{ quue: "a" }, "options.quue: `options.quue` is unknown; did you mean `queue`?"],
    [{ lease: 5 }, "options.lease: `options.lease` is unknown; did you mean `leaseSeconds`?"],
    [
      { constructor: 1 },
      "options.constructor: `options.constructor` is unknown; the known fields are `delayMs`, `queue`, `leaseSeconds`.",
    ],
    [
      { queue: undefined },
      "options.queue: `options.queue` is undefined; give it a value, or leave the field out.",
    ],
  ])("names the field of %o, and what to do", (value, problem) => {
    expect(problemOf(value)).toBe(problem);
  });

  it.each([
    [null, "null"],
    [undefined, "undefined"],
    ["mail", '"mail"'],
    [[{ queue: "mail" }], "an array of 1"],
  ])("refuses %o, which is no object of fields", (value, kind) => {
    expect(problemOf(value)).toBe(
      `options: \`options\` must be an object with \`delayMs\`, \`queue\`, \`leaseSeconds\`, got ${kind}.`,
    );
  });

  it("accepts any of the known fields, and none", () => {
    expect([{}, { queue: "mail" }, { delayMs: 0, queue: "", leaseSeconds: null }].map(problemOf)).toEqual([
      "none",
      "none",
      "none",
    ]);
  });

  it("sees a field that the object inherits, because whoever reads it would see it too", () => {
    expect(problemOf(Object.create({ typ: 1 }))).toContain("options.typ");
  });
});
