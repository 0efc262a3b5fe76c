import { inSavepoint } from "@millrace/base";
import type { Executor, UndoPass, UndoPasses } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { hasPatch, undoPatch } from "../domain/undo-patch.ts";
import { SchedulerError } from "../errors.ts";
import { findSchedule } from "../store/find-schedule.ts";
import { type AuditedCommand, lockSchedule, readAudited } from "../store/read-audited.ts";
import { changeSchedule, switchOff, switchOn } from "./write-schedule.ts";

/** How a command on one schedule is undone. */
interface ScheduleUndo {
  /** Whether the schedule still is as the command has left it. */
  isUntouched(schedule: Schedule, command: AuditedCommand): boolean;
  /** Gives the schedule back what it had. */
  restore(db: Executor, command: AuditedCommand): Promise<unknown>;
}

/**
 * The pass that undoes a command on one schedule. The schedule stays as it is if it was changed or deleted since, and
 * if it cannot be as it was any more: its old name is taken, or no tick would follow.
 */
function passOf({ isUntouched, restore }: ScheduleUndo): UndoPass {
  return async (db, { id: entryId }, { dryRun }) => {
    const command = await readAudited(db, entryId);
    if (command === null) return 0;
    if (!dryRun && !(await lockSchedule(db, command.before.id))) return 0;
    const found = await findSchedule(db, command.before.id);
    if (found === null || !isUntouched(found.schedule, command)) return 0;
    if (dryRun) return 1;
    try {
      await inSavepoint(db, (tx) => restore(tx, command));
    } catch (error) {
      if (error instanceof SchedulerError) return 0;
      throw error;
    }
    return 1;
  };
}

const UNDO_ENABLE = passOf({
  isUntouched: ({ enabled }) => enabled,
  restore: async (db, { before }) => before["enabled"] === true || (await switchOff(db, before.id)),
});

const UNDO_DISABLE = passOf({
  isUntouched: ({ enabled }) => !enabled,
  restore: async (db, { before }) => before["enabled"] === false || (await switchOn(db, before.id)),
});

const UNDO_UPDATE = passOf({
  isUntouched: (schedule, { patch }) => patch !== null && hasPatch(schedule, patch),
  restore: (db, { before, patch }) =>
    changeSchedule({ db, tasks: new Map() }, before.id, undoPatch(before, patch ?? {})),
});

/** How the commands on schedules are undone. */
export const SCHEDULES_UNDO_PASSES: UndoPasses = {
  "schedules.enable": [UNDO_ENABLE],
  "schedules.disable": [UNDO_DISABLE],
  "schedules.update": [UNDO_UPDATE],
};
