import type { JobState } from "@millrace/schema/values";

interface Transition {
  readonly from: readonly JobState[];
  readonly to: JobState;
  /** What must hold besides the state, for people. */
  readonly guard: string;
}

/**
 * The state machine: the only place that names a pair of states. The table that a job is in tells its state:
 * `waiting_jobs` has queued jobs, `claims` has running jobs, and `ended_jobs` has jobs in the three final states. A
 * statement that makes a transition takes the job out of one table and puts it into another.
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
  expire: { from: ["queued"], to: "canceled", guard: "has not begun, and had to start before now" },
  retry: { from: ["completed", "failed", "canceled"], to: "queued", guard: "waits for no other job" },
  runNow: { from: ["queued"], to: "queued", guard: "waits for no other job" },
  change: { from: ["queued"], to: "queued", guard: "none" },
  undoCancel: { from: ["canceled"], to: "queued", guard: "canceled by the undone command" },
  undoRetryOfCompleted: {
    from: ["queued"],
    to: "completed",
    guard: "queued by the undone command, untouched",
  },
  undoRetryOfFailed: { from: ["queued"], to: "failed", guard: "queued by the undone command, untouched" },
  undoRetryOfCanceled: { from: ["queued"], to: "canceled", guard: "queued by the undone command, untouched" },
  undoRunNow: { from: ["queued"], to: "queued", guard: "made due by the undone command, untouched" },
  undoChange: { from: ["queued"], to: "queued", guard: "changed by the undone command, untouched" },
} as const satisfies Record<string, Transition>;

/** The name of a transition. */
export type TransitionName = keyof typeof TRANSITIONS;

/** An SQL condition: the transition leaves this state. `state` is SQL. */
export function isFrom(name: TransitionName, state: string): string {
  return `${state} IN (${TRANSITIONS[name].from.map((from) => `'${from}'`).join(", ")})`;
}

/** The state to which a transition leads, as an SQL literal. */
export function toState(name: TransitionName): string {
  return `'${TRANSITIONS[name].to}'`;
}
