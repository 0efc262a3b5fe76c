import type { AnyTask, Executor, JsonValue } from "@millrace/queue";
import { refuseMisfit } from "../define-schedule.ts";
import {
  checkCadence,
  checkNewSchedule,
  checkSchedulePatch,
  checkWindow,
  type NewScheduleFields,
  type ScheduleFields,
} from "../domain/check-schedule.ts";
import { countFrom } from "../domain/count-from.ts";
import { isFirstRun } from "../domain/first-run.ts";
import type { NewSchedule, Schedule, SchedulePatch } from "../domain/schedule.ts";
import { InvalidScheduleError, ScheduleNotFoundError } from "../errors.ts";
import { disableSchedule } from "../store/disable-schedule.ts";
import { enableSchedule } from "../store/enable-schedule.ts";
import { findSchedule, type VersionedSchedule } from "../store/find-schedule.ts";
import { insertSchedule } from "../store/insert-schedule.ts";
import { readNow } from "../store/read-now.ts";
import { updateSchedule } from "../store/update-schedule.ts";
import { firstTick } from "./first-tick.ts";
import { TIMED_FIELDS, timedFields, timingOf } from "./timed-fields.ts";

/** A database, and the tasks that check the payloads of their schedules. */
export interface WriteContext {
  db: Executor;
  tasks: ReadonlyMap<string, AnyTask>;
}

/** Checks and inserts a schedule. Returns null when the name is taken. */
export async function createSchedule(
  { db, tasks }: WriteContext,
  input: NewSchedule,
): Promise<Schedule | null> {
  const fields = checkNewSchedule(input);
  await checkPayloadOf(tasks, fields.jobType, JSON.parse(fields.payload) as JsonValue);
  const createdAt = await readNow(db);
  // Refuses a schedule without a tick, even a disabled schedule, so that enabling does not fail later.
  const first = firstTick(timingOf(fields, { createdAt, runs: 0 }), createdAt);
  return insertSchedule(db, {
    ...fields,
    nextRunAt: beginning(fields, { createdAt, first }),
    createdAt,
    declared: null,
  });
}

/**
 * Returns the first tick of a new schedule: its creation if `runOnCreate` says so, and none while the schedule is
 * disabled. Throws `InvalidScheduleError` when the window opens after the creation.
 */
export function beginning(
  { enabled, runOnCreate, startsAt }: NewScheduleFields,
  { createdAt, first }: { createdAt: Date; first: Date },
): Date | null {
  if (runOnCreate && startsAt !== null && Date.parse(startsAt) > createdAt.getTime()) {
    throw new InvalidScheduleError("runOnCreate", {
      reason: `means a run now, and no tick may come before startsAt, ${startsAt}; leave out one of the two`,
      example: "false",
    });
  }
  if (!enabled) return null;
  return runOnCreate ? createdAt : first;
}

/** A schedule before and after a command. */
export interface ScheduleChange {
  before: Schedule;
  after: Schedule;
}

/** Checks and changes fields of a schedule. Throws `ScheduleNotFoundError`. */
export async function changeSchedule(
  { db, tasks }: WriteContext,
  nameOrId: string,
  patch: SchedulePatch,
): Promise<ScheduleChange> {
  const fields = checkSchedulePatch(patch);
  // Repeats while another transaction writes the row between the read and the update.
  for (;;) {
    const { schedule, version } = await requireSchedule(db, nameOrId);
    if (fields.payload !== undefined || fields.jobType !== undefined) {
      const { jobType = schedule.jobType } = fields;
      const payload =
        fields.payload === undefined ? schedule.payload : (JSON.parse(fields.payload) as JsonValue);
      await checkPayloadOf(tasks, jobType, payload);
    }
    const next = await retimed(db, schedule, fields);
    const update = { id: schedule.id, version, fields, ...(next !== undefined && { nextRunAt: next }) };
    const updated = await updateSchedule(db, update);
    if (updated !== null) return { before: schedule, after: updated };
  }
}

/** Enables a schedule, and computes its next tick from now. Throws `ScheduleNotFoundError`. */
export async function switchOn(db: Executor, nameOrId: string): Promise<ScheduleChange> {
  // Repeats while another transaction writes the row between the read and the update.
  for (;;) {
    const read = await requireSchedule(db, nameOrId);
    const after = await enableSchedule(db, read, firstTick(read.schedule, await readNow(db)));
    if (after !== null) return { before: read.schedule, after };
  }
}

/** Disables a schedule. Throws `ScheduleNotFoundError`. */
export async function switchOff(db: Executor, nameOrId: string): Promise<ScheduleChange> {
  // Repeats while another transaction, such as a scheduler's, writes the row between the read and the update.
  for (;;) {
    const read = await requireSchedule(db, nameOrId);
    const after = await disableSchedule(db, read);
    if (after !== null) return { before: read.schedule, after };
  }
}

/** Reads a schedule. Throws `ScheduleNotFoundError`. */
export async function requireSchedule(db: Executor, nameOrId: string): Promise<VersionedSchedule> {
  const found = await findSchedule(db, nameOrId);
  if (found === null) throw new ScheduleNotFoundError(nameOrId);
  return found;
}

/** Returns the next tick after a change: `none` while disabled, undefined when the change leaves the tick as it is. */
async function retimed(
  db: Executor,
  schedule: Schedule,
  fields: Partial<ScheduleFields>,
): Promise<Date | "none" | undefined> {
  const before = timedFields(schedule);
  const after = { ...before, ...fields };
  checkCadence(after, fields);
  checkWindow(after);
  if (TIMED_FIELDS.every((field) => after[field] === before[field])) return undefined;
  const now = await readNow(db);
  const timing = timingOf(after, schedule);
  const next = firstTick(timing, countFrom(schedule, timing, now));
  if (!schedule.enabled) return "none";
  return isFirstRun(schedule) ? undefined : next;
}

async function checkPayloadOf(
  tasks: ReadonlyMap<string, AnyTask>,
  jobType: string,
  payload: JsonValue,
): Promise<void> {
  const task = tasks.get(jobType);
  // The cast is safe: the check finds out whether the payload has the type that the parameter claims.
  if (task !== undefined) await refuseMisfit(jobType, () => task.check(payload as never));
}
