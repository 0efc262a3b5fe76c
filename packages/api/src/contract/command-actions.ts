import type { Action } from "./session.ts";

/** Which action the undo of a command needs, by the command's name in the library: the one that the command needed. */
export const ACTION_OF_COMMAND: Readonly<Record<string, Action>> = {
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
