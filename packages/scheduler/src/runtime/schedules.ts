import { checkFields, executorOf, fieldNames, isWholeDatabase } from "@millrace/base";
import { type AnyTask, createQueue, InvalidOptionError, type Queryable } from "@millrace/queue";
import type { NewSchedule, Schedule, SchedulePatch, ScheduleTick } from "../domain/schedule.ts";
import { ScheduleNameTakenError, ScheduleNotFoundError } from "../errors.ts";
import { deleteSchedule } from "../store/delete-schedule.ts";
import { disableSchedule } from "../store/disable-schedule.ts";
import { listSchedules } from "../store/list-schedules.ts";
import { listTicks } from "../store/list-ticks.ts";
import { runNowKey } from "./run-now-key.ts";
import { changeSchedule, createSchedule, requireSchedule, switchOn } from "./write-schedule.ts";

/** Which schedules to list, by name; `after` continues after a page's last name. */
export interface ScheduleFilter {
  enabled?: boolean;
  after?: string;
  /** 1 to 1,000, default 100. */
  limit?: number;
}

/** What `createSchedules` takes beside a database. */
export interface SchedulesOptions {
  /** Tasks whose schedules have their payload checked when they are written. Other types are taken as they are. */
  tasks?: readonly AnyTask[];
}

/**
 * The commands on schedules. A schedule is named by its name or its id; writes are checked before anything is written.
 */
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
  /** Enables a schedule and computes its next tick from now. Throws `ScheduleNotFoundError`, and when it has none. */
  enable(nameOrId: string): Promise<Schedule>;
  /** Keeps a schedule from firing; it keeps its jobs and its last tick. Throws `ScheduleNotFoundError`. */
  disable(nameOrId: string): Promise<Schedule>;
  /** Deletes a schedule and its ticks; its jobs stay. Throws `ScheduleNotFoundError`. */
  delete(nameOrId: string): Promise<void>;
  /**
   * Enqueues the schedule's job now, whether it is enabled or not, and returns the job's id. It is no tick: the
   * cadence, the last tick and the recorded ticks stay as they are. Throws `ScheduleNotFoundError`.
   */
  runNow(nameOrId: string): Promise<string>;
  /**
   * What became of the last ticks, the latest first; 100 are kept. Of more than 100 ticks found at once, the most
   * recent are there. `limit` is 1 to 100, default 20. Throws `ScheduleNotFoundError`.
   */
  ticks(nameOrId: string, options?: { limit?: number }): Promise<ScheduleTick[]>;
  /** One schedule. Throws `ScheduleNotFoundError`. */
  get(nameOrId: string): Promise<Schedule>;
  list(filter?: ScheduleFilter): Promise<Schedule[]>;
}

const OPTION_FIELDS = fieldNames<SchedulesOptions>({ tasks: true });
const FILTER_FIELDS = fieldNames<ScheduleFilter>({ enabled: true, after: true, limit: true });

/** The commands on a database: a pg pool or client, or a Drizzle database or transaction. */
export function createSchedules(database: Queryable, options: SchedulesOptions = {}): Schedules {
  checkFields("options", options, OPTION_FIELDS);
  const { tasks = [] } = options;
  const db = executorOf(database);
  const context = { db, tasks: new Map(tasks.map((task) => [task.name, task])) };
  const get = async (nameOrId: string) => (await requireSchedule(db, nameOrId)).schedule;
  return {
    async create(input) {
      const schedule = await createSchedule(context, input);
      if (schedule === null) throw new ScheduleNameTakenError(input.name);
      return schedule;
    },
    ensure: async (input) => ((await createSchedule(context, input)) === null ? "exists" : "created"),
    update: (nameOrId, patch) => changeSchedule(context, nameOrId, patch),
    enable: (nameOrId) => switchOn(db, nameOrId),
    async disable(nameOrId) {
      const disabled = await disableSchedule(db, nameOrId);
      if (disabled === null) throw new ScheduleNotFoundError(nameOrId);
      return disabled;
    },
    async delete(nameOrId) {
      if (!(await deleteSchedule(db, nameOrId))) throw new ScheduleNotFoundError(nameOrId);
    },
    runNow: async (nameOrId) => enqueueNow(database, await get(nameOrId)),
    async ticks(nameOrId, options = {}) {
      checkFields("options", options, ["limit"]);
      const { limit = 20 } = options;
      return listTicks(db, (await get(nameOrId)).id, checkLimit(limit, 100));
    },
    get,
    async list(filter = {}) {
      checkFields("filter", filter, FILTER_FIELDS);
      const { enabled, after, limit = 100 } = filter;
      const page = { enabled: enabled ?? null, after: after ?? null, limit: checkLimit(limit, 1_000) };
      return listSchedules(db, page);
    },
  };
}

async function enqueueNow(database: Queryable, schedule: Schedule): Promise<string> {
  const { id: scheduleId, jobType, payload, queue, priority, maxAttempts } = schedule;
  const idempotencyKey = runNowKey(scheduleId);
  const { id } = await createQueue(database).enqueue(jobType, payload, {
    ...{ queue, priority, maxAttempts, idempotencyKey, scheduleId },
    // In the caller's transaction workers are woken when that transaction commits.
    ...(isWholeDatabase(database) ? {} : { tx: database }),
  });
  return id;
}

function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new InvalidOptionError("limit", `an integer from 1 to ${max}`, limit);
}
