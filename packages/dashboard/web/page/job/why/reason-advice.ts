import { instantField, type Reason, textField } from "./reason-fields.ts";

/** What somebody can do about a reason. */
export type Advice =
  | { kind: "resume"; queue: string }
  | { kind: "run-now" }
  | { kind: "edit" }
  | { kind: "retry" }
  | { kind: "workers" }
  | { kind: "job"; id: string }
  | { kind: "jobs-before"; queue: string }
  | { kind: "end-transaction"; pid: number; since: string | null };

/** A reason with a heading and what can be done about it. */
export interface AdvisedReason {
  code: string;
  heading: string;
  text: string;
  /** Whether somebody has to act, or the reason passes by itself. */
  weight: "blocks" | "waits" | "note";
  advice: Advice[];
}

/** Names a reason, and says what can be done about it. A reason that this release does not know keeps its text. */
export function adviseOn(reason: Reason, { queue }: { queue: string }): AdvisedReason {
  const { code, text } = reason;
  const known = REASONS[code];
  if (known === undefined) return { code, heading: code, text, weight: "note", advice: [] };
  const { heading, weight, advise } = known;
  return { code, heading, text, weight, advice: advise?.(reason, queue) ?? [] };
}

interface KnownReason {
  heading: string;
  weight: AdvisedReason["weight"];
  advise?: (reason: Reason, queue: string) => Advice[];
}

const WORKERS: Advice = { kind: "workers" };
const RUN_NOW: Advice = { kind: "run-now" };
const EDIT: Advice = { kind: "edit" };

const REASONS: Readonly<Record<string, KnownReason>> = {
  "not-due": { heading: "Due later", weight: "waits", advise: () => [RUN_NOW, EDIT] },
  "backing-off": { heading: "Waits before its next attempt", weight: "waits", advise: () => [RUN_NOW] },
  "waits-for-job": { heading: "Waits for another job of its key", weight: "waits", advise: jobAdvice },
  "no-run-at": { heading: "Has no time", weight: "blocks", advise: () => [RUN_NOW, EDIT] },
  "queue-paused": {
    heading: "The queue is paused",
    weight: "blocks",
    advise: (reason, queue) => [{ kind: "resume", queue: textField(reason, "queue") ?? queue }],
  },
  "no-worker-for-queue": { heading: "No worker for the queue", weight: "blocks", advise: () => [WORKERS] },
  "no-worker-for-type": { heading: "No worker knows the type", weight: "blocks", advise: () => [WORKERS] },
  "start-by-passed": { heading: "Too late to start", weight: "blocks" },
  "start-by": { heading: "Must start in time", weight: "note" },
  "row-locked": { heading: "A transaction has locked the job", weight: "blocks", advise: transactionAdvice },
  "workers-busy": {
    heading: "Other jobs come first",
    weight: "waits",
    advise: (_reason, queue) => [{ kind: "jobs-before", queue }, WORKERS],
  },
  "due-now": { heading: "About to start", weight: "waits", advise: () => [WORKERS] },
  suspect: { heading: "Runs alone, because it crashed", weight: "note" },
  running: { heading: "Running", weight: "note", advise: () => [WORKERS] },
  "waits-to-run-alone": { heading: "Claimed, waits to run alone", weight: "waits", advise: () => [WORKERS] },
  "cancel-requested": { heading: "Asked to stop", weight: "waits" },
  "lease-ended": { heading: "The worker has lost the job", weight: "blocks", advise: () => [WORKERS] },
  "worker-not-seen": { heading: "The worker was not seen lately", weight: "blocks", advise: () => [WORKERS] },
  "old-transaction": {
    heading: "A transaction slows all claims",
    weight: "note",
    advise: transactionAdvice,
  },
  completed: { heading: "Completed", weight: "note" },
  failed: { heading: "Failed", weight: "note", advise: () => [{ kind: "retry" }] },
  canceled: { heading: "Canceled", weight: "note", advise: () => [{ kind: "retry" }] },
  "not-started-in-time": {
    heading: "Not started in time",
    weight: "note",
    advise: () => [{ kind: "retry" }],
  },
  kept: { heading: "How long the job is kept", weight: "note" },
};

function jobAdvice(reason: Reason): Advice[] {
  const id = textField(reason, "jobId");
  return id === null ? [] : [{ kind: "job", id }];
}

function transactionAdvice(reason: Reason): Advice[] {
  const { pid } = reason;
  return typeof pid === "number" && Number.isSafeInteger(pid)
    ? [{ kind: "end-transaction", pid, since: instantField(reason, "since") }]
    : [];
}
