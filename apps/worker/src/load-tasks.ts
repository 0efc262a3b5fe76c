import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyTask, isTask } from "@millrace/queue";
import { DuplicateTaskError, TaskModuleError, TasksDirError } from "./load-tasks-error.ts";

/** What is loaded as a module: scripts and erasable TypeScript, but neither declarations nor tests. */
const MODULE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]s$/;

/**
 * Loads the tasks that the modules of a folder export, in the order of their file names; sub-folders are not
 * entered. `builtin` tasks keep their names. Throws `TasksDirError`, `TaskModuleError`, `DuplicateTaskError`.
 */
export async function loadTasks(dir: string, builtin: readonly AnyTask[]): Promise<AnyTask[]> {
  const byName = new Map(builtin.map((task) => [task.name, { task, source: "the built-in tasks" }]));
  const loaded: AnyTask[] = [];
  for (const file of await moduleFiles(dir)) {
    // One module may export the same task under two names, or pass on another module's.
    for (const task of new Set(await exportedTasks(file))) {
      const known = byName.get(task.name);
      if (known?.task === task) continue;
      if (known !== undefined) throw new DuplicateTaskError(task.name, [known.source, file]);
      byName.set(task.name, { task, source: file });
      loaded.push(task);
    }
  }
  return loaded;
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

async function exportedTasks(file: string): Promise<AnyTask[]> {
  try {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
    return Object.values(module).filter(isTask);
  } catch (error) {
    throw new TaskModuleError(file, { cause: error });
  }
}
