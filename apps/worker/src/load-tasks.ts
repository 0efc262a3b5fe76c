import type { AnyTask } from "@millrace/queue";
import type { ScheduleDeclaration } from "@millrace/scheduler";
import { type LoadModuleOptions, loadModule } from "./load-module.ts";
import {
  DuplicateScheduleError,
  DuplicateTaskError,
  HiddenTasksError,
  NoTaskInModuleError,
} from "./load-tasks-error.ts";
import { describeExports, sortExports } from "./module-exports.ts";
import { taskModules } from "./task-folder.ts";

/** A task and its module. */
export interface SourcedTask {
  task: AnyTask;
  /** The path of the task's module. */
  source: string;
}

/** The tasks and schedules that the modules of a folder export. */
export interface LoadedTasks {
  tasks: SourcedTask[];
  schedules: ScheduleDeclaration[];
}

/**
 * Loads the tasks and schedules that the modules of a folder export, in the order of the file names. Does not load from
 * sub-folders.
 *
 * Throws a `LoadTasksError` for
 * - a folder or a module that has nothing to load,
 * - a module that fails to load,
 * - a module that has a task or schedule only inside an array or an object,
 * - a name that two tasks have, or two schedules. The `builtin` tasks count, too.
 */
export async function loadTasks(
  dir: string,
  builtin: readonly AnyTask[],
  options: LoadModuleOptions,
): Promise<LoadedTasks> {
  const tasks = collection<AnyTask>((name, sources) => new DuplicateTaskError(name, sources));
  const schedules = collection<ScheduleDeclaration>(
    (name, sources) => new DuplicateScheduleError(name, sources),
  );
  for (const task of builtin) tasks.add(task.name, { value: task, source: "the built-in tasks" });
  for (const source of await taskModules(dir)) {
    const exports = await loadModule(source, options);
    const found = sortExports(exports);
    const [holder] = found.holders;
    if (holder !== undefined) throw new HiddenTasksError(source, holder);
    if (found.tasks.length + found.schedules.length === 0)
      throw new NoTaskInModuleError(source, describeExports(exports));
    for (const value of found.tasks) tasks.add(value.name, { value, source });
    for (const value of found.schedules) schedules.add(value.fields.name, { value, source });
  }
  const own = tasks.found().slice(builtin.length);
  return {
    tasks: own.map(({ value, source }) => ({ task: value, source })),
    schedules: schedules.found().map(({ value }) => value),
  };
}

/** A task or schedule, and its source. */
interface Found<Value> {
  value: Value;
  source: string;
}

/** Collects values by name. The same value may be added twice, because a module may export another module's exports. */
function collection<Value>(duplicate: (name: string, sources: readonly [string, string]) => Error) {
  const byName = new Map<string, Found<Value>>();
  return {
    add(name: string, found: Found<Value>) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, found);
      else if (known.value !== found.value) throw duplicate(name, [known.source, found.source]);
    },
    found: () => [...byName.values()],
  };
}
