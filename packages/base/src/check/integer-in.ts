import { InvalidOptionError } from "../errors.ts";

/** Checks that a value is an integer from `min` to `max`, and returns the integer. Throws `InvalidOptionError`. */
export function integerIn(option: string, value: number, [min, max]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidOptionError(option, `an integer from ${min} to ${max}`, value);
}
