import type { Action } from "./session.ts";

/** Which action an undo needs, by the name of the command in the library: the action that the command needed. */
export const ACTIONS_OF_COMMANDS = {
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
} as const satisfies Readonly<Record<string, Action>>;

/** The same table, to be asked for any command. A command without an undo is not in it. */
export const ACTION_OF_COMMAND: Readonly<Record<string, Action>> = ACTIONS_OF_COMMANDS;
