import { z } from "zod";
import type { DocumentedOperation, JsonSchema } from "./document.ts";

/**
 * Returns a check of an operation's answers. It returns what is wrong with an answer, or null: a status, a media type
 * or a body that the document does not have, a field that the document does not name, or a failure of the server.
 */
export function answerCheck({
  answers,
}: DocumentedOperation): (response: Response) => Promise<string | null> {
  const schemas = new Map<string, z.ZodType>();
  const schemaOf = (key: string, schema: JsonSchema) => {
    const known = schemas.get(key) ?? z.fromJSONSchema(strict(schema) as z.core.JSONSchema.JSONSchema);
    schemas.set(key, known);
    return known;
  };
  return async (response) => {
    const { status } = response;
    const text = await firstOf(response);
    if (status >= 500) return `status ${status}: ${text}`;
    const content = answers.get(status);
    if (content === undefined) return `status ${status} is not documented: ${text}`;
    if (content === null) return text === "" ? null : `a body with status ${status}: ${text}`;
    const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
    const schema = content[type]?.schema;
    if (schema === undefined) return `content type ${type} is not documented for status ${status}`;
    const { error } = schemaOf(`${status} ${type}`, schema).safeParse(JSON.parse(text));
    return error === undefined ? null : `${z.prettifyError(error)}\nin: ${text.slice(0, 2_000)}`;
  };
}

/** The body; of an event stream, the data of its first event. */
async function firstOf(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response.text();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk);
    const data = /^data: (.*)$/m.exec(text)?.[1];
    // Leaving the loop cancels the stream.
    if (data !== undefined) return data;
  }
  return text;
}

/** The schema of objects that have the named fields and no others, wherever the schema names fields. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const namesFields =
    "properties" in inner && inner["type"] === "object" && !("additionalProperties" in inner);
  return namesFields ? { ...inner, additionalProperties: false } : inner;
}
