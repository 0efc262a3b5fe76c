import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidPayloadError } from "../errors.ts";
import { misfitText, survivesJson, unstorableText } from "./json-fit.ts";
import { type Validation, validate } from "./validate.ts";

/** Whose payload is checked: a task's name and schema. */
export interface PayloadOwner {
  name: string;
  schema: StandardSchemaV1;
}

/**
 * The JSON text to store for a payload. The schema checks what a handler will read back from this text: a `Date`
 * becomes text, so a schema that wants a `Date` would fail the job at its first run. Not a promise if the schema
 * answers at once. Throws `InvalidPayloadError`.
 */
export function payloadText(payload: unknown, { name, schema }: PayloadOwner): string | Promise<string> {
  const text = jsonText(payload, name);
  const readBack: unknown = survivesJson(payload) ? payload : JSON.parse(text);
  const textIfFit = (result: Validation): string => {
    if (result.ok) return text;
    throw new InvalidPayloadError(
      name,
      result.issues.map((issue) => misfitText(issue, payload)),
    );
  };
  const answer = validate(schema, readBack);
  return answer instanceof Promise ? answer.then(textIfFit) : textIfFit(answer);
}

function jsonText(payload: unknown, name: string): string {
  // The same default as for a job that is enqueued by name.
  if (payload === undefined) return "{}";
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    throw new InvalidPayloadError(name, [unstorableText(payload)], { cause: error });
  }
  if (text === undefined) throw new InvalidPayloadError(name, [unstorableText(payload)]);
  return text;
}
