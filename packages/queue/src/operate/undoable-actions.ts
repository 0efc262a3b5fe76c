/** How long a command can be undone after its first change, in minutes. */
export const UNDO_MINUTES = 10;

/** The actions of the audit log that `queue.undo` undoes. */
export const QUEUE_UNDOES = [
  "cancel",
  "cancelMany",
  "retry",
  "retryMany",
  "runNow",
  "runNowMany",
  "change",
  "pause",
  "resume",
  "setQueue",
] as const;

/** The actions of the audit log that `schedules.undo` of the scheduler undoes. */
const SCHEDULES_UNDOES = ["schedules.enable", "schedules.disable", "schedules.update"] as const;

/** An action of the audit log that has an undo. */
export type UndoableAction = (typeof QUEUE_UNDOES)[number] | (typeof SCHEDULES_UNDOES)[number];

/** All actions that have an undo. */
export const UNDOABLE_ACTIONS: readonly string[] = [...QUEUE_UNDOES, ...SCHEDULES_UNDOES];

/** For each action without an undo: why. */
const WITHOUT_UNDO: Readonly<Record<string, string>> = {
  deleteMany: "it deleted jobs, and what is deleted cannot come back.",
  prune: "it deleted jobs, and what is deleted cannot come back.",
  "schedules.delete": "it deleted a schedule, and what is deleted cannot come back.",
  "schedules.create": "it created a schedule; delete or disable the schedule instead.",
  "schedules.ensure": "it created a schedule; delete or disable the schedule instead.",
  "schedules.runNow": "it enqueued a job; cancel the job instead.",
  "schedules.reconcile": "code declares these schedules, and would write the values again.",
  undo: "it is an undo itself; give the command again instead.",
};

/** Says why an action has no undo, or which command undoes it. */
export function whyNotUndoable(action: string): string {
  const elsewhere = SCHEDULES_UNDOES.some((name) => name === action) ? "schedules.undo" : "queue.undo";
  return UNDOABLE_ACTIONS.includes(action)
    ? `\`${elsewhere}\` undoes the action ${action}.`
    : (WITHOUT_UNDO[action] ?? `the action ${action} has no undo.`);
}
