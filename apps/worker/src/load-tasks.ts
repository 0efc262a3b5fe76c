import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyTask, isTask } from "@millrace/queue";
import { isSchedule, type ScheduleDeclaration } from "@millrace/scheduler";
import {
  DuplicateScheduleError,
  DuplicateTaskError,
  TaskModuleError,
  TasksDirError,
} from "./load-tasks-error.ts";

/** What is loaded as a module: scripts and erasable TypeScript, but neither declarations nor tests. */
const MODULE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]s$/;

/** What the modules of a folder export. */
export interface LoadedTasks {
  tasks: AnyTask[];
  schedules: ScheduleDeclaration[];
}

/**
 * Loads the tasks and schedules that the modules of a folder export, in the order of their file names; sub-folders
 * are not entered. `builtin` tasks keep their names. Throws `TasksDirError`, `TaskModuleError`,
 * `DuplicateTaskError`, `DuplicateScheduleError`.
 */
export async function loadTasks(dir: string, builtin: readonly AnyTask[]): Promise<LoadedTasks> {
  const tasks = collection<AnyTask>((name, sources) => new DuplicateTaskError(name, sources));
  const schedules = collection<ScheduleDeclaration>(
    (name, sources) => new DuplicateScheduleError(name, sources),
  );
  for (const task of builtin) tasks.add(task.name, { value: task, source: "the built-in tasks" });
  for (const source of await moduleFiles(dir)) {
    for (const value of await exportsOf(source)) {
      if (isTask(value)) tasks.add(value.name, { value, source });
      else if (isSchedule(value)) schedules.add(value.fields.name, { value, source });
    }
  }
  return { tasks: tasks.values().slice(builtin.length), schedules: schedules.values() };
}

/** Something that a module exports. */
interface Found<Value> {
  value: Value;
  source: string;
}

/** Things by name. Adding one again changes nothing: modules may pass each other's exports on. */
function collection<Value>(duplicate: (name: string, sources: readonly [string, string]) => Error) {
  const byName = new Map<string, Found<Value>>();
  return {
    add(name: string, found: Found<Value>) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, found);
      else if (known.value !== found.value) throw duplicate(name, [known.source, found.source]);
    },
    values: () => [...byName.values()].map((found) => found.value),
  };
}

async function moduleFiles(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && MODULE.test(entry.name));
    return files.map((entry) => resolve(dir, entry.name)).sort();
  } catch (error) {
    throw new TasksDirError(dir, { cause: error });
  }
}

async function exportsOf(file: string): Promise<unknown[]> {
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    return Object.values(module);
  } catch (error) {
    throw new TaskModuleError(file, { cause: error });
  }
}
