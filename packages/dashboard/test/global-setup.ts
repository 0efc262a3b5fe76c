import type { TestProject } from "vitest/node";
import { setup as setupDatabase } from "../../../vitest.database.ts";
import { ensureBundle } from "../scripts/ensure-bundle.ts";
import { startBrowser } from "./browser/start-browser.ts";

/** Every test file gets a clone of a migrated database, the built pages, and one browser for all files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureBundle();
  const stopDatabase = await setupDatabase(project);
  const browser = await startBrowser();
  project.provide("millraceTestBrowser", browser.provided);
  return async () => {
    await browser.stop();
    await stopDatabase();
  };
}
