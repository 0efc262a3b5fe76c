import { fieldNames, shown } from "@millrace/base";
import { InvalidPayloadError, isTask, type JsonValue, type Task } from "@millrace/queue";
import { checkNewSchedule, checkScheduleFields, type ScheduleFields } from "./domain/check-schedule.ts";
import type { NewSchedule } from "./domain/schedule.ts";
import { InvalidScheduleError } from "./errors.ts";

/** What `defineSchedule` takes: a schedule, with the task of its jobs instead of their type. */
export interface DefineScheduleOptions<Input> extends Omit<NewSchedule, "jobType" | "payload"> {
  /** The task that runs its jobs. Queue, priority and attempts are the task's unless given. */
  task: Task<Input>;
  /** What each job is given. */
  payload: NoInfer<Input>;
}

/** A schedule that code declares, for `reconcileSchedules`. */
export interface ScheduleDeclaration {
  readonly kind: "millrace.schedule";
  readonly fields: ScheduleFields & { enabled: boolean };
  /** Checks the payload as the task does. Throws `InvalidScheduleError`. */
  checkPayload(): Promise<void>;
}

const FIELDS = fieldNames<DefineScheduleOptions<unknown>>({
  name: true,
  task: true,
  payload: true,
  cron: true,
  timezone: true,
  queue: true,
  priority: true,
  maxAttempts: true,
  misfire: true,
  overlap: true,
  jitterMs: true,
  startsAt: true,
  endsAt: true,
  enabled: true,
});

/**
 * Declares a schedule beside its task. Throws `InvalidScheduleError`, `InvalidCronError`, `UnknownTimeZoneError`;
 * the payload is checked when the declaration is reconciled.
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
    // Whether it is JSON is checked with the other fields.
    payload: payload as JsonValue,
  });
  return {
    kind: "millrace.schedule",
    fields,
    checkPayload: () => refuseMisfit(task.name, () => task.check(payload)),
  };
}

/** Whether a module's export is a declared schedule, whichever copy of this package made it. */
export function isSchedule(value: unknown): value is ScheduleDeclaration {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "millrace.schedule";
}

/** Runs a task's check of a payload. Throws `InvalidScheduleError` for one that does not fit. */
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
