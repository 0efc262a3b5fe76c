import { InvalidOptionError } from "../errors.ts";
import { fieldProblem } from "./field-problem.ts";

/**
 * Checks the fields of an object. `what` names the object in errors. Throws `InvalidOptionError`:
 * - for a value that is no object,
 * - for an unknown field, because nobody would read the field,
 * - for a field that is `undefined`, because such a field would silently widen a filter.
 */
export function checkFields(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  const option = problem.field === null ? what : `${what}.${problem.field}`;
  throw new InvalidOptionError(option, { message: `\`${option}\` ${problem.reason}` });
}
