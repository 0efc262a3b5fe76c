/** A JSON Schema, as far as the API's document has them. */
export interface JsonSchema {
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
}

/** A parameter of an operation. */
export interface Parameter {
  name: string;
  in: "path" | "query";
  required?: boolean;
  schema: JsonSchema;
}

type Content = Readonly<Record<string, { schema: JsonSchema }>>;

/** An operation of the document, with every reference replaced by what it refers to. */
export interface DocumentedOperation {
  method: string;
  path: string;
  parameters: readonly Parameter[];
  body: JsonSchema | null;
  /** What each status is answered with, by media type; null without a body. */
  answers: ReadonlyMap<number, Content | null>;
}

interface RawOperation {
  parameters?: readonly Parameter[];
  requestBody?: { content: Content };
  responses: Readonly<Record<string, { content?: Content }>>;
}

/** Reads the operations of an OpenAPI document. */
export function operationsOf(document: unknown): DocumentedOperation[] {
  const { paths } = resolved(document, document) as {
    paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content["application/json"]?.schema ?? null,
      answers: new Map(
        Object.entries(responses).map(([status, { content }]) => [Number(status), content ?? null]),
      ),
    })),
  );
}

/**
 * Replaces references such as `#/components/schemas/Job`, and merges the parts of `allOf`. The document's schemas do
 * not refer to themselves.
 */
function resolved(value: unknown, document: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(each, document));
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value && typeof value.$ref === "string") {
    const target = value.$ref.slice(2).split("/").reduce(memberOf, document);
    return resolved(target, document);
  }
  const members = Object.entries(value).map(([key, each]) => [key, resolved(each, document)] as const);
  return withoutAllOf(Object.fromEntries(members));
}

function withoutAllOf({ allOf, ...rest }: JsonSchema & { allOf?: readonly JsonSchema[] }): JsonSchema {
  if (allOf === undefined) return rest;
  const parts = [...allOf, rest];
  return Object.assign({}, ...parts, {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  });
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : null;
}
