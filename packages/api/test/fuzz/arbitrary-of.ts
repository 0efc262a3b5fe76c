import fc from "fast-check";
import type { JsonSchema } from "./document.ts";
import { NASTY_TEXTS } from "./texts.ts";

/** Names and ids that exist in the database, and good values of fields, so that many requests are not refused. */
export interface Known {
  ids: readonly string[];
  texts: readonly string[];
  /** Good values of the fields that have these names. */
  fields: Readonly<Record<string, readonly unknown[]>>;
}

/** Fields without which most bodies are refused, although their schemas do not say so. */
const WANTED: readonly string[] = ["cron"];

/** Returns values that fit a schema, or nearly do: texts may be longer than allowed, and hostile. */
export function arbitraryOf(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => arbitraryOf(each, known)));
  const types: readonly string[] = [schema.type ?? "object"].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, known)));
}

/** Returns a value of any kind. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(...NASTY_TEXTS),
  fc.constantFrom<unknown>(null, -1, 0, 1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, true, [], {}, [[]], [null]),
);

function ofType(type: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  switch (type) {
    case "string":
      return textOf(schema, known);
    case "integer":
    case "number":
      return numberOf(schema, type === "integer");
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(arbitraryOf(schema.items ?? {}, known), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, Math.max(schema.minItems ?? 0, 4)),
      });
    default:
      return objectOf(schema, known);
  }
}

function textOf(schema: JsonSchema, { ids, texts }: Known): fc.Arbitrary<string> {
  if (schema.format === "uuid") return fc.oneof(fc.constantFrom(...ids), fc.uuid());
  if (schema.format === "date-time") {
    const date = fc.date({ min: new Date("0001-01-01Z"), max: new Date("9999-12-31Z"), noInvalidDate: true });
    return date.map((each) => each.toISOString());
  }
  const maxLength = Math.min(schema.maxLength ?? 200, 200);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...texts, ...ids) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: schema.minLength ?? 0, maxLength }) },
    { weight: 2, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
    { weight: 2, arbitrary: fc.json({ maxDepth: 2 }) },
  );
}

function numberOf({ minimum, maximum }: JsonSchema, isInteger: boolean): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -(2 ** 40), -(2 ** 53) + 1);
  const max = Math.min(maximum ?? 2 ** 40, 2 ** 53 - 1);
  const edges = fc.constantFrom(min, max, Math.min(Math.max(0, min), max), Math.min(Math.max(1, min), max));
  const inside = isInteger ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc.oneof(edges, inside, fc.integer({ min, max: Math.min(max, min + 100) }));
}

function objectOf(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const entries = Object.entries(properties);
  if (entries.length === 0 && additionalProperties !== false)
    return fc.dictionary(fc.string(), fc.jsonValue());
  const fields = entries.map(([name, each]) =>
    // Few fields at a time: with all of them, some field is nearly always refused.
    fc.option(fieldOf(name, each, known), { nil: undefined, freq: isNeeded(name, required) ? 1_000 : 2 }),
  );
  return fc
    .tuple(...fields)
    .map((values) => values.map((value, at) => [entries[at]?.[0] ?? "", value] as const))
    .chain((pairs) => thinned(pairs, required))
    .map((pairs) => Object.fromEntries(pairs));
}

/** Returns values of a field or parameter of a request: mostly good ones, where the name has some. */
export function fieldOf(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const good = known.fields[name];
  const any = arbitraryOf(schema, known);
  if (good === undefined) return any;
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: any });
}

const isNeeded = (name: string, required: readonly string[]) =>
  required.includes(name) || WANTED.includes(name);

type Pair = readonly [name: string, value: unknown];

function thinned(pairs: readonly Pair[], required: readonly string[]): fc.Arbitrary<Pair[]> {
  const given = pairs.filter(([, value]) => value !== undefined);
  const needed = given.filter(([name]) => isNeeded(name, required));
  const others = given.filter(([name]) => !isNeeded(name, required));
  return fc.subarray(others, { maxLength: Math.min(others.length, 4) }).map((some) => [...needed, ...some]);
}
