import type { JobState } from "@millrace/schema/values";
import { inState, rowInState, stateLiteral } from "./state-guards.sql.ts";

interface Transition {
  readonly from: readonly JobState[];
  readonly to: JobState;
  /** What must hold besides the state. */
  readonly guard: string;
}

/**
 * The state machine: the only place that names a pair of states. Every write that changes a state takes its state
 * condition from here. A write that keeps the state, such as the request to cancel a running job, asks by `inState` or
 * `rowInState`.
 */
export const TRANSITIONS = {
  claim: { from: ["queued"], to: "running", guard: "due" },
  complete: { from: ["running"], to: "completed", guard: "lease token matches" },
  retryLater: { from: ["running"], to: "queued", guard: "lease token matches, attempts left" },
  fail: { from: ["running"], to: "failed", guard: "lease token matches, no attempt left or not retryable" },
  honourCancel: { from: ["running"], to: "canceled", guard: "lease token matches, cancel requested" },
  snooze: { from: ["running"], to: "queued", guard: "lease token matches, with a delay" },
  cancelSelf: { from: ["running"], to: "canceled", guard: "lease token matches, the handler cancels" },
  release: { from: ["running"], to: "queued", guard: "lease token matches, without a delay" },
  recover: { from: ["running"], to: "queued", guard: "lease expired" },
  failCrashed: { from: ["running"], to: "failed", guard: "lease expired, crashed too often" },
  cancelCrashed: { from: ["running"], to: "canceled", guard: "lease expired, cancel requested" },
  cancel: { from: ["queued"], to: "canceled", guard: "none" },
  retry: { from: ["failed", "canceled"], to: "queued", guard: "none" },
} as const satisfies Record<string, Transition>;

/** The name of a transition. */
export type TransitionName = keyof typeof TRANSITIONS;

/**
 * The SQL condition that a transition's row must meet. For a statement that makes the transition; one that only asks
 * for a state does so by `inState`.
 */
export function fromGuard(name: TransitionName): string {
  return inState(...TRANSITIONS[name].from);
}

/** The same condition for a row that is addressed by id or ctid, as `rowInState` has it. */
export function rowGuard(name: TransitionName): string {
  return rowInState(...TRANSITIONS[name].from);
}

/** The state a transition leads to, as an SQL literal. */
export function toState(name: TransitionName): string {
  return stateLiteral(TRANSITIONS[name].to);
}
