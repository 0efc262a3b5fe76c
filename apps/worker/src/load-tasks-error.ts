/** The tasks or schedules a worker was given cannot be used; it does not start. */
export abstract class LoadTasksError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The folder of tasks is not there or cannot be read. */
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

/** A module in the folder of tasks failed to load. */
export class TaskModuleError extends LoadTasksError {
  readonly code = "TASK_MODULE";
  readonly file: string;
  constructor(file: string, options: { cause: unknown }) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`The module ${file} failed to load: ${reason}`, options);
    this.file = file;
  }
}

/** Two tasks have one name, so it is not clear which should run. */
export class DuplicateTaskError extends LoadTasksError {
  readonly code = "DUPLICATE_TASK";
  readonly taskName: string;
  constructor(taskName: string, [first, second]: readonly [string, string]) {
    super(`The task name "${taskName}" is used by ${first} and by ${second}. Rename one of them.`);
    this.taskName = taskName;
  }
}

/** Two schedules that code declares have one name, so it is not clear which should be there. */
export class DuplicateScheduleError extends LoadTasksError {
  readonly code = "DUPLICATE_SCHEDULE";
  readonly scheduleName: string;
  constructor(scheduleName: string, [first, second]: readonly [string, string]) {
    super(`The schedule name "${scheduleName}" is used by ${first} and by ${second}. Rename one of them.`);
    this.scheduleName = scheduleName;
  }
}
