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

/** Which schedules to list, in the order of their names. */
export interface ScheduleFilter {
  /** Only enabled, or only disabled schedules. Default: all. */
  enabled?: boolean;
  /** Continues after this name: the last name of the previous page. */
  after?: string;
  /** 1 to 1,000, default 100. */
  limit?: number;
}

/** The options of `createSchedules`. */
export interface SchedulesOptions {
  /**
   * Tasks that check the payloads of their schedules at each write. Payloads of other types are only checked as JSON.
   */
  tasks?: readonly AnyTask[];
}

/**
 * The commands on schedules. A command takes a schedule's name or id, and checks its input before it writes. All
 * commands on one schedule throw `ScheduleNotFoundError` (`SCHEDULE_NOT_FOUND`).
 */
export interface Schedules {
  /**
   * Creates a schedule, whose first tick is after now. Throws `ScheduleNameTakenError` (`SCHEDULE_NAME_TAKEN`),
   * `InvalidScheduleError` (`INVALID_SCHEDULE`), `InvalidCronError` (`INVALID_CRON`) and `UnknownTimeZoneError`
   * (`UNKNOWN_TIME_ZONE`).
   *
   * @example
   * await schedules.create({ name: "nightly-report", jobType: "send-report", cron: "30 2 * * *" });
   */
  create(input: NewSchedule): Promise<Schedule>;
  /**
   * Creates a schedule, unless a schedule has the name already. For default schedules at the start of a program. To
   * turn a default off, disable the schedule: `ensure` creates a deleted schedule again. Throws as `create` does,
   * except `ScheduleNameTakenError`.
   */
  ensure(input: NewSchedule): Promise<"created" | "exists">;
  /**
   * Changes the given fields. With a new `cron` or `timezone`, the next tick is computed from now.
   * Throws `ScheduleNotFoundError`, and as `create` does.
   */
  update(nameOrId: string, patch: SchedulePatch): Promise<Schedule>;
  /**
   * Enables a schedule and computes its next tick from now. Throws `ScheduleNotFoundError`.
   * Throws `InvalidCronError` or `InvalidScheduleError` when the schedule has no further tick.
   */
  enable(nameOrId: string): Promise<Schedule>;
  /** Disables a schedule: no tick fires. Its jobs and its last tick stay. Throws `ScheduleNotFoundError`. */
  disable(nameOrId: string): Promise<Schedule>;
  /** Deletes a schedule and its ticks. Its jobs stay. Throws `ScheduleNotFoundError`. */
  delete(nameOrId: string): Promise<void>;
  /**
   * Enqueues a job of the schedule now, and returns the job's id. Works also while the schedule is disabled. The job
   * belongs to no tick: the next tick, the last tick and the recorded ticks stay the same.
   * Throws `ScheduleNotFoundError`.
   */
  runNow(nameOrId: string): Promise<string>;
  /**
   * Returns the last ticks with their outcomes, the latest tick first. `limit` is 1 to 100, default 20.
   * 100 ticks of a schedule are kept. Of more than 100 ticks found at once, the most recent are kept.
   * Throws `ScheduleNotFoundError`, `InvalidOptionError`.
   */
  ticks(nameOrId: string, options?: { limit?: number }): Promise<ScheduleTick[]>;
  /** Reads one schedule. Throws `ScheduleNotFoundError`. */
  get(nameOrId: string): Promise<Schedule>;
  /** Reads a page of schedules in the order of their names. Throws `InvalidOptionError`. */
  list(filter?: ScheduleFilter): Promise<Schedule[]>;
}

const OPTION_FIELDS = fieldNames<SchedulesOptions>({ tasks: true });
const FILTER_FIELDS = fieldNames<ScheduleFilter>({ enabled: true, after: true, limit: true });

/**
 * Creates the commands on schedules for a database: a pg pool or client, or a Drizzle database or transaction.
 * Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const schedules = createSchedules(pool, { tasks: [sendReport] });
 * await schedules.disable("nightly-report");
 */
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
    // In the caller's transaction, workers are notified when this transaction commits.
    ...(isWholeDatabase(database) ? {} : { tx: database }),
  });
  return id;
}

function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new InvalidOptionError("limit", `an integer from 1 to ${max}`, limit);
}
