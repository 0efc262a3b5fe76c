import type { AnyTask, Executor, JsonValue } from "@millrace/queue";
import { refuseMisfit } from "../define-schedule.ts";
import {
  checkNewSchedule,
  checkSchedulePatch,
  checkWindow,
  type ScheduleFields,
} from "../domain/check-schedule.ts";
import { countFrom } from "../domain/count-from.ts";
import type { NewSchedule, Schedule, SchedulePatch } from "../domain/schedule.ts";
import { ScheduleNotFoundError } from "../errors.ts";
import { enableSchedule } from "../store/enable-schedule.ts";
import { findSchedule, type VersionedSchedule } from "../store/find-schedule.ts";
import { insertSchedule } from "../store/insert-schedule.ts";
import { readNow } from "../store/read-now.ts";
import { updateSchedule } from "../store/update-schedule.ts";
import { firstTick, type Timing } from "./first-tick.ts";

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
  // Refuses a schedule without a tick, even a disabled schedule, so that enabling does not fail later.
  const first = firstTick(timingOf(fields), await readNow(db));
  return insertSchedule(db, { ...fields, nextRunAt: fields.enabled ? first : null, declared: null });
}

/** Checks and changes fields of a schedule. Throws `ScheduleNotFoundError`. */
export async function changeSchedule(
  { db, tasks }: WriteContext,
  nameOrId: string,
  patch: SchedulePatch,
): Promise<Schedule> {
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
    if (updated !== null) return updated;
  }
}

/** Enables a schedule, and computes its next tick from now. Throws `ScheduleNotFoundError`. */
export async function switchOn(db: Executor, nameOrId: string): Promise<Schedule> {
  // Repeats while another transaction writes the row between the read and the update.
  for (;;) {
    const read = await requireSchedule(db, nameOrId);
    const enabled = await enableSchedule(db, read, firstTick(read.schedule, await readNow(db)));
    if (enabled !== null) return enabled;
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
  checkWindow(after);
  const cadence = after.cron !== before.cron || after.timezone !== before.timezone;
  if (!cadence && after.startsAt === before.startsAt && after.endsAt === before.endsAt) return undefined;
  const now = await readNow(db);
  const next = firstTick(timingOf(after), countFrom(schedule, after, now));
  return schedule.enabled ? next : "none";
}

type TimedFields = Pick<ScheduleFields, "cron" | "timezone" | "startsAt" | "endsAt">;

function timedFields({ cron, timezone, startsAt, endsAt }: Schedule): TimedFields {
  return {
    cron,
    timezone,
    startsAt: startsAt?.toISOString() ?? null,
    endsAt: endsAt?.toISOString() ?? null,
  };
}

/** Returns the timing of checked fields, with instants as `Date`. */
export function timingOf({ cron, timezone, startsAt, endsAt }: TimedFields): Timing {
  return {
    cron,
    timezone,
    startsAt: startsAt === null ? null : new Date(startsAt),
    endsAt: endsAt === null ? null : new Date(endsAt),
  };
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
