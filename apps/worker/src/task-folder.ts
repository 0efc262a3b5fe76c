import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { NoModulesError, TasksDirError } from "./load-tasks-error.ts";

/** What is loaded as a module: scripts and erasable TypeScript, but neither declarations nor tests. */
const MODULE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]s$/;

/**
 * The paths of a folder's modules, in the order of their names; sub-folders are not entered. Throws `TasksDirError`,
 * or `NoModulesError`, which tells what is there instead.
 */
export async function taskModules(dir: string): Promise<string[]> {
  const entries = await entriesOf(dir);
  const modules = entries.filter(isModule).map((entry) => resolve(dir, entry.name));
  if (modules.length > 0) return modules.sort();
  throw new NoModulesError(dir, {
    others: entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort(),
    folder: await folderWithModules(dir, entries),
  });
}

function isModule(entry: Dirent): boolean {
  return !entry.isDirectory() && MODULE.test(entry.name);
}

async function entriesOf(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    throw new TasksDirError(dir, { cause: error });
  }
}

/** The first sub-folder that has modules: where the tasks probably are. */
async function folderWithModules(dir: string, entries: readonly Dirent[]): Promise<string | undefined> {
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
  for (const name of folders.map((folder) => folder.name).sort()) {
    const folder = join(dir, name);
    // A sub-folder that cannot be read says nothing about the folder of tasks.
    const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
    if (inside.some(isModule)) return folder;
  }
  return undefined;
}
