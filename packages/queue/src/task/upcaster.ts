import { checkFields, fieldNames, InvalidOptionError } from "@millrace/base";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkSchema, type Validation, validate } from "./validate.ts";

/**
 * How a payload of an older shape becomes a payload of the next newer shape. A payload's shape is found by the schemas,
 * not by a stored number: a producer that enqueues by name, or from SQL, need not know a number.
 */
export interface Upcaster {
  /** Accepts payloads of the older shape, and of no newer shape. */
  from: StandardSchemaV1;
  /** Makes a payload of the next newer shape. Must not have effects: it runs at every attempt. */
  up(old: never): unknown;
}

const FIELDS = fieldNames<Upcaster>({ from: true, up: true });

/** An upcaster whose `up` is given what its schema yields. Throws `InvalidOptionError`. */
export function upcaster<Schema extends StandardSchemaV1>(
  from: Schema,
  up: (old: StandardSchemaV1.InferOutput<Schema>) => unknown,
): Upcaster {
  const made = { from, up };
  checkUpcaster("upcaster", made);
  return made;
}

/** Refuses a value that is no upcaster. Throws `InvalidOptionError`. */
export function checkUpcaster(option: string, value: Upcaster): void {
  checkFields(option, value, FIELDS);
  checkSchema(`${option}.from`, value.from);
  if (typeof value.up !== "function") {
    throw new InvalidOptionError(`${option}.up`, "a function that makes the next newer shape", value.up);
  }
}

/**
 * A payload as the current schema yields it. A payload that fits the current schema is used as it is. Otherwise it goes
 * from the newest older shape that it fits through each newer shape. The problems are reported by the current schema.
 */
export async function upcast(
  value: unknown,
  current: StandardSchemaV1,
  upcasters: readonly Upcaster[],
): Promise<Validation> {
  const asIs = await validate(current, value);
  if (asIs.ok) return asIs;
  for (const [index, older] of upcasters.entries()) {
    const fits = await validate(older.from, value);
    if (!fits.ok) continue;
    let shape: unknown = fits.value;
    for (const step of upcasters.slice(0, index + 1).reverse()) {
      // The boundary: each step gets the value that its own schema, or the step before, has made.
      shape = (step.up as (old: unknown) => unknown)(shape);
    }
    return validate(current, shape);
  }
  return asIs;
}
