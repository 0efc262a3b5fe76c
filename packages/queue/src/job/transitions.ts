import type { JobState } from "@millrace/schema";

interface Transition {
  readonly from: readonly JobState[];
  readonly to: JobState;
  /** What must hold besides the state. */
  readonly guard: string;
}

/** The state machine: the only place that names a pair of states. Every write takes its guard from here. */
export const TRANSITIONS = {
  claim: { from: ["queued"], to: "running", guard: "due" },
  complete: { from: ["running"], to: "completed", guard: "lease token matches" },
  retryLater: { from: ["running"], to: "queued", guard: "lease token matches, attempts left" },
  fail: { from: ["running"], to: "failed", guard: "lease token matches, no attempt left or not retryable" },
  honourCancel: { from: ["running"], to: "canceled", guard: "lease token matches, cancel requested" },
  snooze: { from: ["running"], to: "queued", guard: "lease token matches, the handler asks for later" },
  cancelSelf: { from: ["running"], to: "canceled", guard: "lease token matches, the handler cancels" },
  release: { from: ["running"], to: "queued", guard: "lease token matches, the worker stops" },
  recover: { from: ["running"], to: "queued", guard: "lease expired" },
  failCrashed: { from: ["running"], to: "failed", guard: "lease expired, crashed too often" },
  cancelCrashed: { from: ["running"], to: "canceled", guard: "lease expired, cancel requested" },
  cancel: { from: ["queued"], to: "canceled", guard: "none" },
  retry: { from: ["failed", "canceled"], to: "queued", guard: "none" },
} as const satisfies Record<string, Transition>;

/** The name of a transition. */
export type TransitionName = keyof typeof TRANSITIONS;

/**
 * The SQL condition that a transition's row must meet, as literals: a partial index is only used when its
 * predicate can be proved from the text of the statement.
 */
export function fromGuard(name: TransitionName, alias = "j"): string {
  const states = TRANSITIONS[name].from.map((state) => `'${state}'`);
  return states.length === 1 ? `${alias}.state = ${states[0]}` : `${alias}.state IN (${states.join(", ")})`;
}

/**
 * The same condition for a row that is addressed by id or ctid. The expression keeps the planner from proving a
 * partial index's predicate: it believes that nearly no job is running, and would read the whole lease index for
 * each batch instead of probing the primary key (measured: a fifth of the rate).
 */
export function rowGuard(name: TransitionName, alias = "j"): string {
  return fromGuard(name, alias).replace(`${alias}.state`, `${alias}.state || ''`);
}

/** The state a transition leads to, as an SQL literal. */
export function toState(name: TransitionName): string {
  return `'${TRANSITIONS[name].to}'`;
}
