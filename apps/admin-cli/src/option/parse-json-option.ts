import type { JsonValue } from "@millrace/queue";
import { InvalidArgumentError } from "commander";
import { UsageError } from "../usage-error.ts";
import { parseJson } from "./parse-json.ts";

/** Makes a parser of an option's JSON value. The parser throws `InvalidArgumentError`. */
export function jsonOption(name: string): (text: string) => JsonValue {
  return (text) => {
    try {
      return parseJson(text, name);
    } catch (error) {
      throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

/** Makes a parser of an option's JSON object. The parser throws `InvalidArgumentError`. */
export function jsonObjectOption(name: string): (text: string) => { readonly [key: string]: JsonValue } {
  const parse = jsonOption(name);
  return (text) => {
    const value = parse(text);
    if (isObject(value)) return value;
    throw new InvalidArgumentError(`Expected ${name} to be a JSON object, such as '{"customer":7}'.`);
  };
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
