import { checkFields, fieldNames, InvalidOptionError } from "@millrace/base";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkSchema, type Validation, validate } from "./validate.ts";

/**
 * How a payload of an older shape becomes one of the next newer shape. Shapes are told apart by their schemas, not by a
 * stored number: producers that enqueue by name, or from SQL, need not know one.
 */
export interface Upcaster {
  /** Accepts payloads of the older shape, and no newer ones. */
  from: StandardSchemaV1;
  /** Makes one of the next newer shape. Must not have effects: it runs at every attempt. */
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

/** Refuses what is no upcaster. Throws `InvalidOptionError`. */
export function checkUpcaster(option: string, value: Upcaster): void {
  checkFields(option, value, FIELDS);
  checkSchema(`${option}.from`, value.from);
  if (typeof value.up !== "function") {
    throw new InvalidOptionError(`${option}.up`, "a function that makes the next newer shape", value.up);
  }
}

/**
 * A payload as the current schema yields it: as it is when it fits; else from the newest older shape that it fits,
 * through each newer one. The problems told are those of the current schema.
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
      // The boundary: each step is given what the one before it, or its own schema, has made.
      shape = (step.up as (old: unknown) => unknown)(shape);
    }
    return validate(current, shape);
  }
  return asIs;
}
