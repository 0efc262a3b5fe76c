import { type Executor, executorOf, InvalidOptionError, type Queryable } from "@millrace/queue";
import { neverFires } from "../domain/cron.ts";
import { nextTick } from "../domain/next-tick.ts";
import {
  checkNewSchedule,
  checkSchedulePatch,
  type NewSchedule,
  type Schedule,
  type SchedulePatch,
} from "../domain/schedule.ts";
import { ScheduleNameTakenError, ScheduleNotFoundError } from "../errors.ts";
import { deleteSchedule } from "../store/delete-schedule.ts";
import { disableSchedule } from "../store/disable-schedule.ts";
import { enableSchedule } from "../store/enable-schedule.ts";
import { findSchedule } from "../store/find-schedule.ts";
import { insertSchedule } from "../store/insert-schedule.ts";
import { listSchedules } from "../store/list-schedules.ts";
import { readNow } from "../store/read-now.ts";
import { updateSchedule } from "../store/update-schedule.ts";

/** Which schedules to list, by name; `after` continues after a page's last name. */
export interface ScheduleFilter {
  enabled?: boolean;
  after?: string;
  /** 1 to 1,000, default 100. */
  limit?: number;
}

/** The commands on schedules. A schedule is named by its name or its id; writes are checked before anything is written. */
export interface Schedules {
  /**
   * Creates a schedule; its first tick is after now. Throws `ScheduleNameTakenError`, `InvalidScheduleError`,
   * `InvalidCronError`, `UnknownTimeZoneError`.
   */
  create(input: NewSchedule): Promise<Schedule>;
  /**
   * Creates a schedule unless one of that name exists, which then stays as it is: for defaults at start. A default
   * that must stay away is to be disabled, not deleted. Throws as `create` does.
   */
  ensure(input: NewSchedule): Promise<"created" | "exists">;
  /**
   * Changes the fields that are given. A new expression or zone computes the next tick from now. Throws
   * `ScheduleNotFoundError`, and as `create` does.
   */
  update(nameOrId: string, patch: SchedulePatch): Promise<Schedule>;
  /** Enables a schedule and computes its next tick from now. Throws `ScheduleNotFoundError`. */
  enable(nameOrId: string): Promise<Schedule>;
  /** Keeps a schedule from firing; it keeps its jobs and its last tick. Throws `ScheduleNotFoundError`. */
  disable(nameOrId: string): Promise<Schedule>;
  /** Deletes a schedule; its jobs stay. Throws `ScheduleNotFoundError`. */
  delete(nameOrId: string): Promise<void>;
  /** One schedule. Throws `ScheduleNotFoundError`. */
  get(nameOrId: string): Promise<Schedule>;
  list(filter?: ScheduleFilter): Promise<Schedule[]>;
}

/** The commands on a database: a pg pool or client, or a Drizzle database or transaction. */
export function createSchedules(database: Queryable): Schedules {
  const db = executorOf(database);
  return {
    async create(input) {
      const schedule = await insert(db, input);
      if (schedule === null) throw new ScheduleNameTakenError(input.name);
      return schedule;
    },
    ensure: async (input) => ((await insert(db, input)) === null ? "exists" : "created"),
    update: (nameOrId, patch) => update(db, nameOrId, patch),
    enable: (nameOrId) => enable(db, nameOrId),
    disable: async (nameOrId) => found(nameOrId, await disableSchedule(db, nameOrId)),
    async delete(nameOrId) {
      if (!(await deleteSchedule(db, nameOrId))) throw new ScheduleNotFoundError(nameOrId);
    },
    get: (nameOrId) => get(db, nameOrId),
    async list({ enabled, after, limit = 100 } = {}) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
        throw new InvalidOptionError("limit", "an integer from 1 to 1000", limit);
      }
      return listSchedules(db, { enabled: enabled ?? null, after: after ?? null, limit });
    },
  };
}

async function insert(db: Executor, input: NewSchedule): Promise<Schedule | null> {
  const fields = checkNewSchedule(input);
  // Also of a disabled schedule: an expression that never fires is refused now, not when it is enabled.
  const first = await tickFromNow(db, fields);
  return insertSchedule(db, { ...fields, nextRunAt: fields.enabled ? first : null });
}

async function update(db: Executor, nameOrId: string, patch: SchedulePatch): Promise<Schedule> {
  const fields = checkSchedulePatch(patch);
  // Repeated only while others keep changing the expression, the zone or the switch in between.
  for (;;) {
    const current = await get(db, nameOrId);
    const { cron = current.cron, timezone = current.timezone } = fields;
    const retimed = cron !== current.cron || timezone !== current.timezone;
    const next = retimed ? await tickFromNow(db, { cron, timezone }) : null;
    const updated = await updateSchedule(db, {
      read: current,
      fields,
      ...(retimed && { nextRunAt: current.enabled ? next : null }),
    });
    if (updated !== null) return updated;
  }
}

async function enable(db: Executor, nameOrId: string): Promise<Schedule> {
  // Repeated only while others keep changing the expression or the zone in between.
  for (;;) {
    const current = await get(db, nameOrId);
    const enabled = await enableSchedule(db, current, await tickFromNow(db, current));
    if (enabled !== null) return enabled;
  }
}

async function get(db: Executor, nameOrId: string): Promise<Schedule> {
  return found(nameOrId, await findSchedule(db, nameOrId));
}

async function tickFromNow(
  db: Executor,
  { cron, timezone }: Pick<Schedule, "cron" | "timezone">,
): Promise<Date> {
  const next = nextTick(cron, timezone, await readNow(db));
  if (next === null) throw neverFires(cron);
  return next;
}

function found(nameOrId: string, schedule: Schedule | null): Schedule {
  if (schedule === null) throw new ScheduleNotFoundError(nameOrId);
  return schedule;
}
