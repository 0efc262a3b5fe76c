import type { Action } from "../../state/session.ts";

/** Which permission the undo of a command needs: the one that the command needed. */
const NEEDED: Readonly<Record<string, Action>> = {
  cancel: "jobs.cancel",
  cancelMany: "jobs.cancel",
  retry: "jobs.retry",
  retryMany: "jobs.retry",
  runNow: "jobs.run-now",
  runNowMany: "jobs.run-now",
  change: "jobs.change",
  pause: "queues.pause",
  resume: "queues.pause",
  setQueue: "queues.change",
  "schedules.enable": "schedules.change",
  "schedules.disable": "schedules.change",
  "schedules.update": "schedules.change",
};

/**
 * Whether a session may undo a command, by the command's name in the library. Of a command that this page does not
 * know, the server alone decides.
 */
export function mayUndo(command: string, may: (action: Action) => boolean): boolean {
  const needed = NEEDED[command];
  return needed === undefined || may(needed);
}
