import fc from "fast-check";
import { anyJson, arbitraryOf, fieldOf, type Known } from "./arbitrary-of.ts";
import type { DocumentedOperation, JsonSchema, Parameter } from "./document.ts";

/** A request to make: what is random about it, as text that a failure can print. */
export interface FuzzRequest {
  method: string;
  /** The path and the query. */
  target: string;
  /** The body as text; null without one. */
  body: string | null;
}

/** Returns random requests to an operation: mostly as its schemas have them, and some that are wrong. */
export function requestOf(operation: DocumentedOperation, known: Known): fc.Arbitrary<FuzzRequest> {
  const { method, path, parameters, body } = operation;
  const ofPath = parameters.filter((each) => each.in === "path");
  const ofQuery = parameters.filter((each) => each.in === "query");
  return fc
    .record({
      pathValues: fc.tuple(...ofPath.map(({ name, schema }) => pathValueOf(name, schema, known))),
      query: queryOf(ofQuery, known),
      body: body === null ? fc.constant(null) : bodyOf(arbitraryOf(body, known)),
    })
    .map(({ pathValues, query, body: text }) => {
      const filled = ofPath.reduce(
        (at, { name }, n) => at.replace(`{${name}}`, encoded(pathValues[n])),
        path,
      );
      return { method, target: `${filled}${query}`, body: text };
    });
}

/**
 * Values of a parameter of a path: mostly those that are there, which are known as `{id}` and `{name}`. With an empty
 * text, or with dots alone, the address would be that of another operation.
 */
function pathValueOf(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const any = fieldOf(`{${name}}`, schema, known);
  return any.map((value) => (typeof value === "string" && /^\.{0,2}$/.test(value) ? `${value}x` : value));
}

/** How many fields a query has at most: with more, some field is nearly always refused. */
const QUERY_FIELDS_MAX = 3;

/** Returns queries with a few of the parameters. No parameter of a query is required. */
function queryOf(parameters: readonly Parameter[], known: Known): fc.Arbitrary<string> {
  const junk = fc.webQueryParameters().map((text) => (text === "" ? [] : [text]));
  return fc
    .subarray([...parameters], { maxLength: Math.min(parameters.length, QUERY_FIELDS_MAX) })
    .chain((some) => fc.tuple(...some.map((each) => queryFieldOf(each, known))))
    .chain((fields) =>
      fc.oneof({ weight: 9, arbitrary: fc.constant(fields) }, { weight: 1, arbitrary: junk }),
    )
    .map((fields) => (fields.length === 0 ? "" : `?${fields.join("&")}`));
}

/** A list is a field that comes several times. */
function queryFieldOf({ name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  const values = fc.oneof(
    { weight: 9, arbitrary: fieldOf(name, schema, known) },
    { weight: 1, arbitrary: anyJson },
  );
  return values.map((value) => {
    const all: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
    return all.map((each) => `${name}=${encoded(each)}`).join("&");
  });
}

function bodyOf(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const json = (value: unknown) => JSON.stringify(value) ?? "null";
  return fc.oneof(
    { weight: 7, arbitrary: valid.map(json) },
    { weight: 2, arbitrary: withWrongField(valid).map(json) },
    { weight: 1, arbitrary: anyJson.map(json) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "{", "[", '{"a":1}{', "\u0000", '{"__proto__":{}}', "[".repeat(5_000)),
    },
  );
}

/** A body with one field more, or with one of its fields replaced. */
function withWrongField(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(valid, fc.string(), anyJson, fc.boolean()).map(([body, extra, value, replaces]) => {
    if (typeof body !== "object" || body === null) return value;
    const [first] = Object.keys(body);
    return { ...body, [replaces && first !== undefined ? first : extra]: value };
  });
}

/** A value as part of an address. Addresses cannot have half of a surrogate pair. */
function encoded(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(text.toWellFormed());
}
