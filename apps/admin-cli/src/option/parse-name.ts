import { InvalidArgumentError } from "commander";

/** Makes a parser of names with 1 to `charactersMax` characters. The parser throws `InvalidArgumentError`. */
export function nameUpTo(charactersMax: number): (text: string) => string {
  return (text) => {
    const characters = [...text].length;
    if (characters >= 1 && characters <= charactersMax) return text;
    throw new InvalidArgumentError(`Expected 1 to ${charactersMax} characters, got ${characters}.`);
  };
}
