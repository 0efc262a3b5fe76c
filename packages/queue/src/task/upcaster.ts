import { checkFields, fieldNames, InvalidOptionError } from "@millrace/base";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkSchema, type Validation, validate } from "./validate.ts";

/**
 * Converts a payload of an older shape to the next newer shape. The schemas recognise the shape of a payload. No
 * version number is stored, so a producer that enqueues by type name or from SQL does not need a number.
 */
export interface Upcaster {
  /** Accepts payloads of the older shape, and refuses payloads of newer shapes. */
  from: StandardSchemaV1;
  /** Returns a payload of the next newer shape. Must not have effects, because `up` runs at every attempt. */
  up(old: never): unknown;
}

const FIELDS = fieldNames<Upcaster>({ from: true, up: true });

/**
 * Makes an upcaster. `from` is the schema of the older shape, and gives `up` the type of its argument. Throws
 * `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const upcasters = [upcaster(z.object({ order: z.number() }), ({ order }) => ({ orderId: order }))];
 */
export function upcaster<Schema extends StandardSchemaV1>(
  from: Schema,
  up: (old: StandardSchemaV1.InferOutput<Schema>) => unknown,
): Upcaster {
  const made = { from, up };
  checkUpcaster("upcaster", made);
  return made;
}

/** Throws `InvalidOptionError` for a value that is not an upcaster. */
export function checkUpcaster(option: string, value: Upcaster): void {
  checkFields(option, value, FIELDS);
  checkSchema(`${option}.from`, value.from);
  if (typeof value.up !== "function") {
    throw new InvalidOptionError(`${option}.up`, "a function that makes the next newer shape", value.up);
  }
}

/**
 * Validates a payload with the current schema. If the payload does not fit, the first upcaster whose `from` accepts the
 * payload converts it, and then each newer upcaster in turn; the current schema validates the result. If no upcaster
 * fits, returns the current schema's problems.
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
      // The cast is safe: each step gets the value that its own schema or the step before has returned.
      shape = (step.up as (old: unknown) => unknown)(shape);
    }
    return validate(current, shape);
  }
  return asIs;
}
