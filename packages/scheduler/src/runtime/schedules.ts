import { checkFields, fieldNames, isWholeDatabase } from "@millrace/base";
import {
  type AnyTask,
  type AuditedChange,
  type AuditOptions,
  checkTelemetry,
  createAuditor,
  createQueue,
  type Executor,
  InvalidOptionError,
  type JsonOption,
  JsonText,
  type Producer,
  type Queryable,
  readsJson,
  type Telemetry,
  type UndoOptions,
  type UndoResult,
} from "@millrace/queue";
import type { NewSchedule, Schedule, SchedulePatch, ScheduleTick } from "../domain/schedule.ts";
import { ScheduleNameTakenError, ScheduleNotFoundError } from "../errors.ts";
import { deleteSchedule } from "../store/delete-schedule.ts";
import { findScheduleWithoutJson, type VersionedSchedule } from "../store/find-schedule.ts";
import { listSchedules } from "../store/list-schedules.ts";
import { listTicks } from "../store/list-ticks.ts";
import { auditedChange, auditedCreation } from "./audited-schedule.ts";
import { runNowKey } from "./run-now-key.ts";
import { SCHEDULES_UNDO_PASSES } from "./undo-schedules.ts";
import {
  changeSchedule,
  createSchedule,
  requireSchedule,
  type ScheduleChange,
  switchOff,
  switchOn,
} from "./write-schedule.ts";

/** Which schedules to list, in the order of their names. */
export interface ScheduleFilter {
  /** Only enabled, or only disabled schedules. Default: all. */
  enabled?: boolean;
  /** Continues after this name: the last name of the previous page. */
  after?: string;
  /** 1 to 1,000, default 100. */
  limit?: number;
  /**
   * Whether to read payloads. Default true. With false, they are null, and the database's role needs no right to read
   * them.
   */
  json?: boolean;
}

/** The options of `createSchedules`. */
export interface SchedulesOptions {
  /**
   * Tasks that check the payloads of their schedules at each write. Payloads of other types are only checked as JSON.
   */
  tasks?: readonly AnyTask[];
  /**
   * Who gives the commands. With `audit`, each command that changes a schedule writes a row to the audit log, in the
   * transaction of the change. `queue.audit` reads the log. Needs a pg pool or a Drizzle database.
   */
  audit?: AuditOptions;
  /** Tells of what `runNow` enqueues: `openTelemetry()` of `@millrace/queue/opentelemetry`. Default: nobody is told. */
  telemetry?: Telemetry;
}

/**
 * The commands on schedules. A command takes a schedule's name or id, and checks its input before it writes. All
 * commands on one schedule throw `ScheduleNotFoundError` (`SCHEDULE_NOT_FOUND`).
 */
export interface Schedules {
  /**
   * Creates a schedule, whose first tick is after now, or at its creation with `runOnCreate`. Throws
   * `ScheduleNameTakenError` (`SCHEDULE_NAME_TAKEN`), `InvalidScheduleError` (`INVALID_SCHEDULE`), `InvalidCronError`
   * (`INVALID_CRON`) and `UnknownTimeZoneError` (`UNKNOWN_TIME_ZONE`).
   *
   * @example
   * await schedules.create({ name: "nightly-report", jobType: "send-report", cron: "30 2 * * *" });
   * await schedules.create({ name: "poll", jobType: "poll-inbox", everyMs: 90_000, runOnCreate: true });
   */
  create(input: NewSchedule): Promise<Schedule>;
  /**
   * Creates a schedule, unless a schedule has the name already. For default schedules at the start of a program. To
   * turn a default off, disable the schedule: `ensure` creates a deleted schedule again. Throws as `create` does,
   * except `ScheduleNameTakenError`.
   *
   * @example
   * await schedules.ensure({ name: "cleanup", jobType: "clean-up", cron: "@hourly" }); // "created" or "exists"
   */
  ensure(input: NewSchedule): Promise<"created" | "exists">;
  /**
   * Changes the given fields. With a new `cron`, `timezone`, `everyMs` or `anchor`, the next tick is computed from now.
   * A schedule that has ended goes on with a greater `maxRuns`, or with null.
   * Throws `ScheduleNotFoundError`, and as `create` does.
   *
   * @example
   * await schedules.update("nightly-report", { timezone: "Europe/Berlin", payload: { pages: 7 } });
   */
  update(nameOrId: string, patch: SchedulePatch): Promise<Schedule>;
  /**
   * Enables a schedule and computes its next tick from now. Throws `ScheduleNotFoundError`.
   * Throws `InvalidCronError` or `InvalidScheduleError` when the schedule has no further tick, or has ended.
   *
   * @example
   * await schedules.enable("nightly-report");
   */
  enable(nameOrId: string): Promise<Schedule>;
  /**
   * Disables a schedule: no tick fires. Its jobs and its last tick stay. Throws `ScheduleNotFoundError`.
   *
   * @example
   * await schedules.disable("nightly-report");
   */
  disable(nameOrId: string): Promise<Schedule>;
  /**
   * Deletes a schedule and its ticks. Its jobs stay. Throws `ScheduleNotFoundError`.
   *
   * @example
   * await schedules.delete("nightly-report");
   */
  delete(nameOrId: string): Promise<void>;
  /**
   * Enqueues a job of the schedule now, and returns the job's id. Works also while the schedule is disabled. The job
   * belongs to no tick: the next tick, the last tick, the recorded ticks and `runs` stay the same, and the job has no
   * `tickAt`.
   * Throws `ScheduleNotFoundError`.
   *
   * @example
   * const jobId = await schedules.runNow("nightly-report");
   */
  runNow(nameOrId: string): Promise<string>;
  /**
   * Returns the last ticks with their outcomes, the latest tick first. `limit` is 1 to 100, default 20.
   * 100 ticks of a schedule are kept. Of more than 100 ticks found at once, the most recent are kept.
   * Throws `ScheduleNotFoundError`, `InvalidOptionError`.
   *
   * @example
   * for (const { tickAt, outcome } of await schedules.ticks("nightly-report")) console.log(tickAt, outcome);
   */
  ticks(nameOrId: string, options?: { limit?: number }): Promise<ScheduleTick[]>;
  /**
   * Undoes a recorded `enable`, `disable` or `update`, once, within ten minutes. The next tick is computed from now. A
   * schedule that was changed since stays as it is, and counts as `left`. Needs `audit`: the undo is recorded itself.
   * Throws `NotUndoableError` (`NOT_UNDOABLE`): `queue.undo` undoes commands on jobs and queues, and a deleted schedule
   * cannot come back.
   *
   * @example
   * for (const { commandId } of await queue.audit({ limit: 1 })) {
   *   await schedules.undo(commandId); // { restored: 1, left: 0 }
   * }
   */
  undo(commandId: string, options?: UndoOptions): Promise<UndoResult>;
  /**
   * Reads one schedule. With `json: false`, its payload is null, and is not read. Throws `ScheduleNotFoundError`.
   *
   * @example
   * const { nextRunAt, status } = await schedules.get("nightly-report");
   */
  get(nameOrId: string, options?: JsonOption): Promise<Schedule>;
  /**
   * Reads a page of schedules in the order of their names. Throws `InvalidOptionError`.
   *
   * @example
   * for (const { name, nextRunAt } of await schedules.list({ enabled: true })) console.log(name, nextRunAt);
   */
  list(filter?: ScheduleFilter): Promise<Schedule[]>;
}

const OPTION_FIELDS = fieldNames<SchedulesOptions>({ tasks: true, audit: true, telemetry: true });
const FILTER_FIELDS = fieldNames<ScheduleFilter>({ enabled: true, after: true, limit: true, json: true });

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
  const { tasks: known = [], audit, telemetry } = options;
  if (telemetry !== undefined) checkTelemetry(telemetry);
  const producer = () => createQueue(database, telemetry === undefined ? {} : { telemetry });
  const tasks = new Map(known.map((task) => [task.name, task]));
  const auditor = createAuditor(database, audit);
  const { db } = auditor;
  const change = <Result>(
    { action, ...argument }: { action: string; [field: string]: unknown },
    work: (db: Executor) => Promise<Result>,
    changeOf: (result: Result) => AuditedChange,
  ) => auditor.command(`schedules.${action}`, argument).step(work, changeOf);
  const get = async (nameOrId: string, given: JsonOption = {}) =>
    readsJson(given) ? (await requireSchedule(db, nameOrId)).schedule : getWithoutJson(db, nameOrId);
  const create = (action: string, input: NewSchedule) =>
    change({ action, schedule: input }, (tx) => createSchedule({ db: tx, tasks }, input), auditedCreation);
  const ofEnabled = ({ before }: ScheduleChange) => auditedChange(before, ["enabled"]);
  return {
    async create(input) {
      const schedule = await create("create", input);
      if (schedule === null) throw new ScheduleNameTakenError(input.name);
      return schedule;
    },
    ensure: async (input) => ((await create("ensure", input)) === null ? "exists" : "created"),
    async update(name, patch) {
      const work = (tx: Executor) => changeSchedule({ db: tx, tasks }, name, patch);
      const ofPatch = ({ before }: ScheduleChange) => auditedChange(before, replacedFields(patch));
      return (await change({ action: "update", name, patch }, work, ofPatch)).after;
    },
    enable: async (name) =>
      (await change({ action: "enable", name }, (tx) => switchOn(tx, name), ofEnabled)).after,
    disable: async (name) =>
      (await change({ action: "disable", name }, (tx) => switchOff(tx, name), ofEnabled)).after,
    async delete(name) {
      const deleted = await change(
        { action: "delete", name },
        (tx) => deleteSchedule(tx, name),
        (schedule) => (schedule === null ? { changed: 0, before: [] } : auditedChange(schedule)),
      );
      if (deleted === null) throw new ScheduleNotFoundError(name);
    },
    async runNow(name) {
      const work = async (tx: Executor) => {
        const found = await requireSchedule(tx, name);
        // In a transaction, of the caller or of the audit log, workers are notified when the transaction commits.
        const within = audit !== undefined ? tx : isWholeDatabase(database) ? undefined : database;
        return { schedule: found.schedule, jobId: await enqueueNow(producer(), found, within) };
      };
      const { jobId } = await change({ action: "runNow", name }, work, ({ schedule }) =>
        auditedChange(schedule, []),
      );
      return jobId;
    },
    async ticks(nameOrId, options = {}) {
      checkFields("options", options, ["limit"]);
      const { limit = 20 } = options;
      return listTicks(db, (await get(nameOrId, { json: false })).id, checkLimit(limit, 100));
    },
    undo: (commandId, options = {}) => auditor.undo(commandId, SCHEDULES_UNDO_PASSES, options),
    get,
    async list(filter = {}) {
      checkFields("filter", filter, FILTER_FIELDS);
      const { enabled, after, limit = 100, json } = filter;
      return listSchedules(db, {
        enabled: enabled ?? null,
        after: after ?? null,
        limit: checkLimit(limit, 1_000),
        json: readsJson(json === undefined ? {} : { json }),
      });
    },
  };
}

async function getWithoutJson(db: Executor, nameOrId: string): Promise<Schedule> {
  const schedule = await findScheduleWithoutJson(db, nameOrId);
  if (schedule === null) throw new ScheduleNotFoundError(nameOrId);
  return schedule;
}

/** The fields of a patch, and the fields of the cadence that the patch replaces. */
function replacedFields(patch: SchedulePatch): string[] {
  const fields = Object.keys(patch);
  return fields.includes("cron") || fields.includes("everyMs")
    ? [...fields, "cron", "everyMs", "anchor"]
    : fields;
}

async function enqueueNow(
  producer: Producer,
  { schedule, payloadText }: VersionedSchedule,
  tx: Queryable | undefined,
): Promise<string> {
  const { id: scheduleId, jobType, queue, priority, maxAttempts } = schedule;
  const idempotencyKey = runNowKey(scheduleId);
  const { id } = await producer.enqueue(jobType, new JsonText(payloadText), {
    ...{ queue, priority, maxAttempts, idempotencyKey, scheduleId },
    ...(tx === undefined ? {} : { tx }),
  });
  return id;
}

function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new InvalidOptionError("limit", `an integer from 1 to ${max}`, limit);
}
