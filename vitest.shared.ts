import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * The workspace's packages, from source. Aliases rather than the `@millrace/source` condition, because Vitest
 * resolves a global setup without the conditions that are configured.
 */
export const fromSource = {
  resolve: {
    alias: [
      {
        find: /^@millrace\/([a-z]+)\/([a-z]+)$/,
        replacement: resolve(import.meta.dirname, "packages/$1/src/$2.ts"),
      },
      {
        find: /^@millrace\/([a-z]+)$/,
        replacement: resolve(import.meta.dirname, "packages/$1/src/index.ts"),
      },
    ],
  },
};

/**
 * Keeps Node from crashing. Node strips types by a WebAssembly program, in each thread that runs a file of the source.
 * When V8 compiles that program's calls into JavaScript anew, in two threads at once, it now and then ends the process
 * ("Check failed: jit_page.has_value()"). With this budget V8 never does. Released packages are JavaScript.
 */
const NODE_FLAGS = ["--wasm-wrapper-tiering-budget=2147483647"];

/** The tests of pure files stand beside the files: in `src`, and in the dashboard in `web` and `scripts`, too. */
const UNIT_TESTS = ["src/**/*.test.ts", "web/**/*.test.ts", "scripts/**/*.test.ts"];

/** The global setup of the tests on a database, beside this file. */
const DATABASE_SETUP = resolve(import.meta.dirname, "vitest.database.ts");

/** A global setup of the package's own. */
const OWN_SETUP = "test/global-setup.ts";

/**
 * The test configuration every package shares: `unit` needs no database, `db` runs on a real PostgreSQL. With
 * `database: false`, the tests of `db` start their servers themselves.
 */
export function packageTests({ database = true } = {}): ReturnType<typeof defineConfig> {
  const shared = database ? [DATABASE_SETUP] : [];
  const globalSetup = existsSync(resolve(OWN_SETUP)) ? [OWN_SETUP] : shared;
  return defineConfig({
    ...fromSource,
    test: {
      passWithNoTests: true,
      execArgv: NODE_FLAGS,
      // Vitest takes one core less than there are. Most tests wait for a database, so two files at once cost little.
      maxWorkers: 2,
      reporters: ["default", "json"],
      outputFile: { json: `test-results/${process.argv.includes("db") ? "db" : "unit"}.json` },
      projects: [
        {
          ...fromSource,
          // Generous, because property tests share the machine with every other package's tests.
          test: { name: "unit", execArgv: NODE_FLAGS, include: UNIT_TESTS, testTimeout: 60_000 },
        },
        {
          ...fromSource,
          test: {
            name: "db",
            execArgv: NODE_FLAGS,
            include: ["test/**/*.db.test.ts"],
            globalSetup,
            // The limits end a test that hangs. How long it may take says nothing on a machine with other work.
            testTimeout: 180_000,
            hookTimeout: 180_000,
          },
        },
      ],
    },
  });
}
