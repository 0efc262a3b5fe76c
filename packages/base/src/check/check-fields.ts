import { InvalidOptionError } from "../errors.ts";
import { fieldProblem } from "./field-problem.ts";

/**
 * Refuses what is no object, has an unknown field, or has a field that is `undefined`: a filter would be wider, and an
 * option ignored, without a word. `what` names the object in errors. Throws `InvalidOptionError`.
 */
export function checkFields(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  const option = problem.field === null ? what : `${what}.${problem.field}`;
  throw new InvalidOptionError(option, { message: `\`${option}\` ${problem.reason}` });
}
