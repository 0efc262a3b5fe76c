import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { dropDatabase } from "./create-test-database.ts";
import { prepareTemplate } from "./prepare-template.ts";
import { startTestServer } from "./start-test-server.ts";

/** What the global setup hands to the test files. */
export interface MillraceTestDatabase {
  readonly serverUrl: string;
  readonly template: string;
}

declare module "vitest" {
  interface ProvidedContext {
    millraceTestDatabase: MillraceTestDatabase;
  }
}

/** What every test file's database starts from. */
export interface DatabaseSetupOptions {
  /** Fills the template at `url`, for example by migrating it. */
  prepare(url: string): Promise<void>;
  /**
   * A hash of what `prepare` does. Runs and packages with the same key share one template on a server that outlives
   * them. Without a key the template is made for this run and dropped after it.
   */
  readonly key?: string;
}

/**
 * A Vitest global setup that gets a server, one per run, and prepares the template `useTestDatabase` clones:
 * `export const setup = databaseSetup({ prepare })`. It returns the teardown, which Vitest calls.
 */
export function databaseSetup(
  options: DatabaseSetupOptions,
): (project: TestProject) => Promise<() => Promise<void>> {
  return async (project) => {
    const server = await startTestServer();
    try {
      const key = options.key ?? randomBytes(16).toString("hex");
      const template = await prepareTemplate({ serverUrl: server.url, key, prepare: options.prepare });
      project.provide("millraceTestDatabase", { serverUrl: server.url, template });
      return async () => {
        if (options.key === undefined && server.kind === "external") await dropDatabase(server.url, template);
        await server.stop();
      };
    } catch (error) {
      await server.stop();
      throw error;
    }
  };
}
