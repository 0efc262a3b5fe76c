import { InvalidOptionError } from "../errors.ts";
import { fieldProblem } from "./field-problem.ts";

/**
 * Refuses a value that is no object, has an unknown field, or has a field that is `undefined`. Otherwise a filter would
 * silently be wider, or an option silently ignored. `what` names the object in errors. Throws `InvalidOptionError`.
 */
export function checkFields(what: string, value: unknown, known: readonly string[]): void {
  const problem = fieldProblem(value, known);
  if (problem === null) return;
  const option = problem.field === null ? what : `${what}.${problem.field}`;
  throw new InvalidOptionError(option, { message: `\`${option}\` ${problem.reason}` });
}
