import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProjectFile } from "./templates.ts";

/** What became of a file: `exists` says that the project had the file, and that it was left as it is. */
export interface FileOutcome {
  readonly path: string;
  readonly outcome: "written" | "exists" | "would-write";
}

/** Writes the files that a folder does not have. Overwrites none. With `dryRun`, writes nothing. */
export function writeFiles(
  folder: string,
  files: readonly ProjectFile[],
  { dryRun }: { dryRun: boolean },
): FileOutcome[] {
  return files.map(({ path, text }) => {
    const file = join(folder, path);
    if (dryRun) return { path, outcome: existsSync(file) ? "exists" : "would-write" };
    mkdirSync(dirname(file), { recursive: true });
    return { path, outcome: writeNew(file, text) ? "written" : "exists" };
  });
}

/** Writes a file unless it exists. Returns whether it was written. */
function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
