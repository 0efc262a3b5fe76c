import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidPayloadError } from "../errors.ts";
import { misfitText, survivesJson, unstorableText } from "./json-fit.ts";
import { type Validation, validate } from "./validate.ts";

/** The task whose payload is checked. */
export interface PayloadOwner {
  name: string;
  schema: StandardSchemaV1;
}

/**
 * Returns the JSON text to store for a payload, or a promise if the schema returns a promise. Throws
 * `InvalidPayloadError`.
 *
 * The schema checks the payload as the run will read it back. In JSON a `Date` becomes a string, so a schema that
 * expects a `Date` refuses the payload here, and not at the first run.
 */
export function payloadText(payload: unknown, { name, schema }: PayloadOwner): string | Promise<string> {
  const { text, readBack } = notTooDeep(name, () => {
    const written = jsonText(payload, name);
    return { text: written, readBack: survivesJson(payload) ? payload : (JSON.parse(written) as unknown) };
  });
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

/**
 * Returns what a function returns that goes down into a payload. If the payload is nested so deep that the stack does
 * not suffice, throws `InvalidPayloadError`.
 */
function notTooDeep<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = "the payload: is nested too deep; give fewer levels of objects and lists";
    throw new InvalidPayloadError(name, [reason], { cause: error });
  }
}

function jsonText(payload: unknown, name: string): string {
  // A job that is enqueued by type name has the same default.
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
