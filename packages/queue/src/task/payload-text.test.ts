import { describe, expect, test } from "vitest";
import { z } from "zod";
import { InvalidPayloadError } from "../errors.ts";
import { survivesJson } from "./json-fit.ts";
import { payloadText } from "./payload-text.ts";

const NOON = new Date("2030-01-01T12:00:00Z");

class Money {
  readonly cents = 5;
}

const textOf = (schema: z.ZodType, payload: unknown) => payloadText(payload, { name: "t", schema });

describe("a payload is checked as its job will read it", () => {
  test.each<[string, z.ZodType, unknown, string]>([
    [
      "a Date",
      z.object({ at: z.date() }),
      { at: NOON },
      "at: is a Date here and will be text when the job runs; " +
        "use a schema that reads text, such as z.coerce.date(), or give an ISO string",
    ],
    [
      "an invalid Date",
      z.object({ at: z.date() }),
      { at: new Date("x") },
      "at: is an invalid Date here and will be null",
    ],
    [
      "a nested Date",
      z.object({ a: z.array(z.object({ at: z.date() })) }),
      { a: [{ at: NOON }] },
      "a.0.at: is a Date here",
    ],
    ["a Date alone", z.date(), NOON, "the payload: is a Date here"],
    [
      "a Map",
      z.object({ m: z.map(z.string(), z.number()) }),
      { m: new Map([["k", 1]]) },
      "m: is a Map here and will be {}",
    ],
    ["a Set", z.object({ s: z.set(z.number()) }), { s: new Set([1]) }, "s: is a Set here and will be {}"],
    [
      "within a Map",
      z.object({ m: z.object({ k: z.number() }) }),
      { m: new Map([["k", 1]]) },
      "m: is a Map here",
    ],
    [
      "an instance",
      z.object({ price: z.instanceof(Money) }),
      { price: new Money() },
      "price: is a Money here and will be a plain object",
    ],
    [
      "a bigint",
      z.object({ n: z.bigint() }),
      { n: 5n },
      "n: is a bigint, which JSON cannot carry; give text or a number",
    ],
    ["NaN", z.object({ n: z.nan() }), { n: Number.NaN }, "n: is NaN here and will be null"],
    ["Infinity", z.array(z.number()), [1, Number.POSITIVE_INFINITY], "1: is Infinity here and will be null"],
    [
      "a field that is undefined",
      z.object({ a: z.string() }),
      { a: undefined },
      "a: Invalid input: expected string, received undefined",
    ],
    ["a function", z.function() as never, () => 1, "the payload: is a function, which JSON cannot carry"],
    [
      "a misfit that JSON does not cause",
      z.object({ a: z.string() }),
      { a: 1, at: NOON },
      "a: Invalid input: expected string, received number",
    ],
  ])("%s that its schema wants is refused, and the error says why", (_what, schema, payload, message) => {
    const check = () => textOf(schema, payload);

    expect(check).toThrow(InvalidPayloadError);
    expect(check).toThrow(message);
  });

  test("a payload that contains itself is refused by the path to it", () => {
    const payload: Record<string, unknown> = { inner: {} };
    payload["inner"] = { again: payload };

    expect(() => textOf(z.unknown(), payload)).toThrow("inner.again: contains itself");
  });

  test.each<[string, z.ZodType, unknown, string]>([
    [
      "a Date that is read back as text",
      z.object({ at: z.coerce.date() }),
      { at: NOON },
      '{"at":"2030-01-01T12:00:00.000Z"}',
    ],
    [
      "a Date where text is wanted",
      z.object({ at: z.iso.datetime() }),
      { at: NOON },
      '{"at":"2030-01-01T12:00:00.000Z"}',
    ],
    ["a field that is undefined", z.strictObject({ a: z.string().optional() }), { a: undefined }, "{}"],
    [
      "what the schema transforms, as it was given",
      z.object({ n: z.string().transform(Number) }),
      { n: "5" },
      '{"n":"5"}',
    ],
    ["defaults, which the run fills in", z.object({ n: z.number().default(5) }), {}, "{}"],
    ["no payload", z.strictObject({}), undefined, "{}"],
    ["null", z.null(), null, "null"],
  ])("%s is accepted", (_what, schema, payload, text) => {
    expect(textOf(schema, payload)).toBe(text);
  });

  test("a schema that answers later is waited for", async () => {
    const refusing = z.string().refine(async (text) => text !== "x");

    await expect(textOf(refusing, "x")).rejects.toBeInstanceOf(InvalidPayloadError);
    await expect(
      textOf(
        z.string().refine(async () => true),
        "x",
      ),
    ).resolves.toBe('"x"');
  });
});

test.each<[unknown, boolean]>([
  [{ a: [1, "x", null, true, { b: {} }] }, true],
  [Object.assign(Object.create(null), { a: 1 }), true],
  [{ a: undefined }, false],
  [Array(2), false],
  [[undefined], false],
  [{ a: { toJSON: () => 1 } }, false],
  [{ a: [NOON] }, false],
  [Number.NaN, false],
])("whether JSON gives %o back as it is: %s", (value, same) => {
  expect(survivesJson(value)).toBe(same);
});
