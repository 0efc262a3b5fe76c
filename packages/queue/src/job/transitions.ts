import type { JobState } from "@millrace/schema/values";

interface Transition {
  readonly from: readonly JobState[];
  readonly to: JobState;
  /** What must hold besides the state. */
  readonly guard: string;
}

/**
 * The state machine: the only place that names a pair of states. A job's state is the place it is in: `queued` in
 * `waiting_jobs`, `running` in a claim, the three final states in `ended_jobs`. A statement that makes a transition
 * takes the job out of one place and puts it into another.
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

/** The SQL condition that a state is one that a transition leaves. */
export function isFrom(name: TransitionName, state: string): string {
  return `${state} IN (${TRANSITIONS[name].from.map((from) => `'${from}'`).join(", ")})`;
}

/** The state a transition leads to, as an SQL literal. */
export function toState(name: TransitionName): string {
  return `'${TRANSITIONS[name].to}'`;
}
