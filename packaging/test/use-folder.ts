import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Makes a folder outside of the workspace for the calling test file, and removes it after the file. */
export function useFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "millrace-packaging-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
