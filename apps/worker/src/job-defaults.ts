import { nearName } from "@millrace/base";
import type { TaskDefaults } from "@millrace/queue";
import type { ScheduleDeclaration } from "@millrace/scheduler";
import type { JobDefaults, Settings } from "./config/settings.ts";
import { LoadTasksError } from "./load-tasks-error.ts";

/** The settings about the jobs of single tasks and schedules, and the number of attempts of all others. */
export type JobDefaultSettings = Pick<Settings, "taskDefaults" | "scheduleDefaults" | "maxAttempts">;

/** A setting names a task or a schedule that the worker does not have. The name is probably misspelt. */
export class UnknownDefaultsError extends LoadTasksError {
  readonly code = "UNKNOWN_DEFAULTS";
  /** The name that the setting has. */
  readonly unknownName: string;
  constructor(setting: keyof typeof WHAT, name: string, known: readonly string[]) {
    const near = nearName(name, known);
    const hint = near === undefined ? knownText(known) : `Did you mean "${near}"?`;
    super(`${setting} names "${name}", but this worker has no ${WHAT[setting]} of this name. ${hint}`);
    this.unknownName = name;
  }
}

const WHAT = { taskDefaults: "task", scheduleDefaults: "declared schedule" } as const;

function knownText(known: readonly string[]): string {
  return known.length === 0 ? "It has none." : `It has ${known.join(", ")}.`;
}

/** Refuses names that the worker does not have. Throws `UnknownDefaultsError` (`UNKNOWN_DEFAULTS`). */
export function checkDefaultNames(
  settings: JobDefaultSettings,
  has: { tasks: readonly string[]; schedules: readonly string[] },
): void {
  for (const name of Object.keys(settings.taskDefaults))
    if (!has.tasks.includes(name)) throw new UnknownDefaultsError("taskDefaults", name, has.tasks);
  for (const name of Object.keys(settings.scheduleDefaults))
    if (!has.schedules.includes(name))
      throw new UnknownDefaultsError("scheduleDefaults", name, has.schedules);
}

/** Returns what `taskDefaults` says, as `createWorker` takes it: without absent fields. */
export function taskLimits({ taskDefaults }: JobDefaultSettings): Record<string, TaskDefaults> {
  return Object.fromEntries(
    Object.entries(taskDefaults).map(([name, { maxAttempts, timeoutMs }]) => [
      name,
      { ...(maxAttempts !== undefined && { maxAttempts }), ...(timeoutMs !== undefined && { timeoutMs }) },
    ]),
  );
}

/** Returns the time-outs that `scheduleDefaults` says, in ms, by the schedule's name. */
export function scheduleTimeouts({ scheduleDefaults }: JobDefaultSettings): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scheduleDefaults).flatMap(([name, { timeoutMs }]) =>
      timeoutMs === undefined ? [] : [[name, timeoutMs]],
    ),
  );
}

/**
 * Returns a declared schedule with its number of attempts. The first of these that says a number decides: the
 * schedule's entry in `scheduleDefaults`, the declaration, the task's entry in `taskDefaults`, the task's definition,
 * `maxAttempts`.
 */
export function withAttempts(
  declaration: ScheduleDeclaration,
  settings: JobDefaultSettings,
): ScheduleDeclaration {
  const { fields, attemptsSaidBy } = declaration;
  const ofSchedule = entryOf(settings.scheduleDefaults, fields.name)?.maxAttempts;
  const ofTask =
    attemptsSaidBy === "schedule" ? undefined : entryOf(settings.taskDefaults, fields.jobType)?.maxAttempts;
  const general = attemptsSaidBy === null ? settings.maxAttempts : fields.maxAttempts;
  return { ...declaration, fields: { ...fields, maxAttempts: ofSchedule ?? ofTask ?? general } };
}

/** A schedule may have any name, also that of a property which every object inherits. */
function entryOf(entries: Readonly<Record<string, JobDefaults>>, name: string): JobDefaults | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
