import { fieldNames, shown } from "@millrace/base";
import { InvalidPayloadError, isTask, type JsonValue, type Task } from "@millrace/queue";
import { checkNewSchedule, checkScheduleFields, type NewScheduleFields } from "./domain/check-schedule.ts";
import type { NewSchedule } from "./domain/schedule.ts";
import { stepWarnings } from "./domain/step-warnings.ts";
import { InvalidScheduleError } from "./errors.ts";

/** The options of `defineSchedule`: the fields of a schedule, with `task` in place of `jobType`. */
export interface DefineScheduleOptions<Input> extends Omit<NewSchedule, "jobType" | "payload"> {
  /**
   * The task that runs the jobs. The schedule takes `queue`, `priority` and `maxAttempts` from the task, unless given.
   */
  task: Task<Input>;
  /** The payload of each job. */
  payload: NoInfer<Input>;
}

/** A schedule that code declares, for `reconcileSchedules`. */
export interface ScheduleDeclaration {
  readonly kind: "millrace.schedule";
  readonly fields: NewScheduleFields;
  /** What says how many attempts each job gets. Null: neither says a number, and `fields` has the default. */
  readonly attemptsSaidBy: "schedule" | "task" | null;
  /** A sentence for each step of the expression that is not what it seems, such as every 7 hours. Most have none. */
  readonly warnings: readonly string[];
  /** Checks the payload as the task does. Throws `InvalidScheduleError` when the payload does not fit. */
  checkPayload(): Promise<void>;
}

const FIELDS = fieldNames<DefineScheduleOptions<unknown>>({
  name: true,
  task: true,
  payload: true,
  cron: true,
  everyMs: true,
  anchor: true,
  timezone: true,
  queue: true,
  priority: true,
  maxAttempts: true,
  misfire: true,
  overlap: true,
  jitterMs: true,
  startsAt: true,
  endsAt: true,
  maxRuns: true,
  enabled: true,
  runOnCreate: true,
});

/**
 * Declares a schedule in code, for `reconcileSchedules`. Writes nothing. `reconcileSchedules` checks whether the
 * payload fits the task.
 *
 * Throws `InvalidScheduleError` (`INVALID_SCHEDULE`), `InvalidCronError` (`INVALID_CRON`) and `UnknownTimeZoneError`
 * (`UNKNOWN_TIME_ZONE`).
 *
 * @example
 * const nightlyReport = defineSchedule({
 *   name: "nightly-report",
 *   task: sendReport,
 *   payload: { recipient: "finance@shop.example" },
 *   cron: "30 2 * * mon-fri",
 *   timezone: "Europe/Berlin",
 * });
 */
export function defineSchedule<Input>(options: DefineScheduleOptions<Input>): ScheduleDeclaration {
  checkScheduleFields(options, FIELDS);
  const { task, payload, ...rest } = options;
  if (!isTask(task)) {
    throw new InvalidScheduleError("task", {
      reason: `must be a task that defineTask made, got ${shown(task)}`,
      example: 'task: defineTask({ name: "reports.nightly", ... })',
    });
  }
  const { queue, priority, maxAttempts } = task;
  const fields = checkNewSchedule({
    ...(queue !== undefined && { queue }),
    ...(priority !== undefined && { priority }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...rest,
    jobType: task.name,
    // `checkNewSchedule` checks that the payload is JSON.
    payload: payload as JsonValue,
  });
  return {
    kind: "millrace.schedule",
    fields,
    attemptsSaidBy: rest.maxAttempts !== undefined ? "schedule" : maxAttempts !== undefined ? "task" : null,
    warnings: fields.cron === null ? [] : stepWarnings(fields.cron),
    checkPayload: () => refuseMisfit(task.name, () => task.check(payload)),
  };
}

/** Returns whether a value is a declared schedule, even if another copy of this package made the declaration. */
export function isSchedule(value: unknown): value is ScheduleDeclaration {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "millrace.schedule";
}

/** Runs a task's check of a payload. Throws `InvalidScheduleError` when the payload does not fit. */
export async function refuseMisfit(type: string, check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
  } catch (cause) {
    if (!(cause instanceof InvalidPayloadError)) throw cause;
    const reason = `is not what its task takes. ${cause.message}`;
    const example = `a payload that \`queue.enqueue\` accepts for the task "${type}"`;
    throw new InvalidScheduleError("payload", { reason, example }, { cause });
  }
}
