import type { ErrorLocation } from "./locate-error.ts";
import type { ExportedHolder } from "./module-exports.ts";

/** The worker cannot use its tasks or schedules, and does not start. */
export abstract class LoadTasksError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The folder of tasks does not exist or cannot be read. */
export class TasksDirError extends LoadTasksError {
  readonly code = "TASKS_DIR";
  readonly dir: string;
  constructor(dir: string, options: { cause: unknown }) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(
      `Cannot read the folder of tasks ${dir}: ${reason}. Correct tasksDir, or make the folder.`,
      options,
    );
    this.dir = dir;
  }
}

/** The folder of tasks has no module outside sub-folders, so the worker would run none of the user's tasks. */
export class NoModulesError extends LoadTasksError {
  readonly code = "NO_MODULES";
  readonly dir: string;
  constructor(dir: string, { others, folder }: { others: readonly string[]; folder: string | undefined }) {
    const found = others.length === 0 ? "It is empty." : `It holds only ${listed(others)}.`;
    const remedy =
      folder === undefined
        ? "Correct tasksDir, or leave it out for the built-in tasks alone."
        : `Sub-folders are not searched: set tasksDir to ${folder}, or export its tasks from a module in ${dir}.`;
    super(
      `The folder of tasks ${dir} has no module (.js, .mjs, .cjs, .ts; no tests or declarations). ${found} ${remedy}`,
    );
    this.dir = dir;
  }
}

/** A module in the folder of tasks failed to load. */
export class TaskModuleError extends LoadTasksError {
  readonly code = "TASK_MODULE";
  readonly file: string;
  constructor(file: string, { cause, location }: { cause: unknown; location?: ErrorLocation | undefined }) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The module ${file} failed to load: ${reason}${place(file, cause, location)}`, { cause });
    this.file = file;
  }
}

/** A module exports neither a task nor a schedule. A module that is no mistake belongs in another folder. */
export class NoTaskInModuleError extends LoadTasksError {
  readonly code = "NO_TASK_IN_MODULE";
  readonly file: string;
  constructor(file: string, exported: string) {
    super(
      `The module ${file} exports no task and no schedule. It exports ${exported}. Export what defineTask or ` +
        "defineSchedule returns, or move the module to a sub-folder: sub-folders are not searched.",
    );
    this.file = file;
  }
}

/** A module exports tasks or schedules only inside an array or an object. The worker does not load them from there. */
export class HiddenTasksError extends LoadTasksError {
  readonly code = "HIDDEN_TASKS";
  readonly file: string;
  constructor(file: string, { exportName, kind, names }: ExportedHolder) {
    const exported = exportName === "default" ? "the default export" : `the export ${exportName}`;
    super(
      `The module ${file} has ${names.map((name) => `"${name}"`).join(", ")} in ${kind}, ${exported}. ` +
        "Export each task and schedule by itself: export const sendWelcome = defineTask(...).",
    );
    this.file = file;
  }
}

/** Two tasks have the same name, so it is not clear which task should run. */
export class DuplicateTaskError extends LoadTasksError {
  readonly code = "DUPLICATE_TASK";
  readonly taskName: string;
  constructor(taskName: string, [first, second]: readonly [string, string]) {
    super(`The task name "${taskName}" is used by ${first} and by ${second}. Rename one of them.`);
    this.taskName = taskName;
  }
}

/** Code declares two schedules with the same name, so it is not clear which schedule the database should have. */
export class DuplicateScheduleError extends LoadTasksError {
  readonly code = "DUPLICATE_SCHEDULE";
  readonly scheduleName: string;
  constructor(scheduleName: string, [first, second]: readonly [string, string]) {
    super(`The schedule name "${scheduleName}" is used by ${first} and by ${second}. Rename one of them.`);
    this.scheduleName = scheduleName;
  }
}

/** A message lists at most this many names. */
const LISTED_MAX = 5;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX;
  return names.slice(0, LISTED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function place(file: string, cause: unknown, location: ErrorLocation | undefined): string {
  if (location !== undefined)
    return location.file === file ? ` (line ${location.line})` : ` (${location.file}:${location.line})`;
  return cause instanceof SyntaxError ? " (in a module that it imports)" : "";
}
