import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { dropDatabase } from "./create-test-database.ts";
import { prepareTemplate } from "./prepare-template.ts";
import { startTestServer } from "./start-test-server.ts";

/** The values that the global setup passes to the test files. */
export interface MillraceTestDatabase {
  readonly serverUrl: string;
  readonly template: string;
  /** See `TestDatabaseOptions`. */
  readonly schemaBeforeCatalog?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    millraceTestDatabase: MillraceTestDatabase;
  }
}

/** How to make the template from which every test file's database is cloned. */
export interface DatabaseSetupOptions {
  /** Fills the template at `url`, for example by migrating it. */
  prepare(url: string): Promise<void>;
  /**
   * A hash of what `prepare` does. On an external server, all runs and packages with the same key share one template.
   * Without a key, the template is made for one run, and dropped after the run.
   */
  readonly key?: string;
  /** See `TestDatabaseOptions`. */
  readonly schemaBeforeCatalog?: string;
}

/**
 * Returns a Vitest global setup. The setup gets one server per run, and prepares the template that `useTestDatabase`
 * clones. The setup returns the teardown for Vitest to call. Throws `TestServerError`.
 *
 * @example
 * export const setup = databaseSetup({ prepare: migrateDatabase, key: migrationsHash() });
 */
export function databaseSetup(
  options: DatabaseSetupOptions,
): (project: TestProject) => Promise<() => Promise<void>> {
  return async (project) => {
    const server = await startTestServer();
    try {
      const key = options.key ?? randomBytes(16).toString("hex");
      const template = await prepareTemplate({ serverUrl: server.url, key, prepare: options.prepare });
      const { schemaBeforeCatalog } = options;
      project.provide("millraceTestDatabase", {
        serverUrl: server.url,
        template,
        ...(schemaBeforeCatalog === undefined ? {} : { schemaBeforeCatalog }),
      });
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
