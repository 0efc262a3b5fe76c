import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { NoModulesError, TasksDirError } from "./load-tasks-error.ts";

/** Matches modules: JavaScript and TypeScript files, without declarations and tests. */
const MODULE = /(?<!\.d|\.test|\.spec)\.[cm]?[jt]s$/;

/**
 * Returns the paths of a folder's modules in the order of their names. Does not search sub-folders. Throws
 * `TasksDirError` for a folder that cannot be read, and `NoModulesError` for a folder without modules.
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

/** Returns the first sub-folder with modules, which probably has the tasks. */
async function folderWithModules(dir: string, entries: readonly Dirent[]): Promise<string | undefined> {
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
  for (const name of folders.map((folder) => folder.name).sort()) {
    const folder = join(dir, name);
    // An unreadable sub-folder is not the problem to report, so the search leaves it out.
    const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
    if (inside.some(isModule)) return folder;
  }
  return undefined;
}
