import type { JobState } from "@millrace/schema/values";

/** A state as an SQL literal. */
export function stateLiteral(state: JobState): string {
  return `'${state}'`;
}

/**
 * The SQL condition that a job `j` is in one of these states, as literals: a partial index is only used when its
 * predicate can be proved from the text of the statement. A statement that makes a transition asks by the transition
 * instead, see `fromGuard`.
 */
export function inState(...states: readonly JobState[]): string {
  return isOneOf("j.state", states);
}

/**
 * The same condition for a row that is addressed by id or ctid. The expression keeps the planner from proving a
 * partial index's predicate: it believes that nearly no job is running, and would read the whole lease index for
 * each batch instead of probing the primary key (measured: a fifth of the rate).
 */
export function rowInState(...states: readonly JobState[]): string {
  return isOneOf("j.state || ''", states);
}

function isOneOf(expression: string, states: readonly JobState[]): string {
  const literals = states.map(stateLiteral);
  return literals.length === 1
    ? `${expression} = ${literals[0]}`
    : `${expression} IN (${literals.join(", ")})`;
}
