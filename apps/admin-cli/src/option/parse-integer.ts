import { InvalidArgumentError } from "commander";

/** Makes a parser of integers from `min` to `max`, both included. The parser throws `InvalidArgumentError`. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected an integer from ${min} to ${max}.`);
  };
}
