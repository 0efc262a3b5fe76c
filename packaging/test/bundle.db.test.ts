import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createQueue } from "@millrace/queue";
import { readSchemaVersion } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { build } from "esbuild";
import { beforeEach, expect, test } from "vitest";
import { runNode } from "./run-node.ts";
import { useFolder } from "./use-folder.ts";

const database = useTestDatabase();
const folder = useFolder();
let at: string;

beforeEach(async ({ task }) => {
  at = join(folder, task.id);
  await mkdir(at);
});

/** Bundles the packages as they are released, with all that they import, into files that need no `node_modules`. */
async function bundle(entryPoints: Record<string, string>, format: "esm" | "cjs"): Promise<string[]> {
  await writeFile(
    join(at, "package.json"),
    JSON.stringify({ type: format === "esm" ? "module" : "commonjs" }),
  );
  // pg is CommonJS: in a bundle of ES modules, it needs a `require`.
  const banner =
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints,
    outdir: at,
    bundle: true,
    platform: "node",
    target: "node20",
    format,
    // An optional part of pg, in C.
    external: ["pg-native"],
    banner: format === "esm" ? { js: banner } : {},
    metafile: true,
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}

/** Runs the bundled worker. With `untilError`, its job does not end before the worker has reported an error. */
async function runWorker(
  untilError = false,
): Promise<{ applied: number; completed: number; errors: string[] }> {
  const env = { DATABASE_URL: database.url, ...(untilError ? { UNTIL_ERROR: "yes" } : {}) };
  return JSON.parse(await runNode(["worker.js"], { cwd: at, env }));
}

test.each(["esm", "cjs"] as const)(
  "a bundle (%s) of an application that enqueues runs alone",
  async (format) => {
    const inputs = await bundle({ app: "bundle/enqueue-app.ts" }, format);
    const id = await runNode(["app.js"], { cwd: at, env: { DATABASE_URL: database.url } });

    expect(await createQueue(database.pool()).get(id)).toMatchObject({ type: "bundled", state: "queued" });
    // Neither Drizzle's tables, which take much memory, nor the source.
    expect(inputs.filter((path) => /drizzle-orm\/pg-core\/table|packages\/\w+\/src\//.test(path))).toEqual(
      [],
    );
  },
);

test("a bundled worker migrates an empty database, and a thread of the bundle renews its leases", async () => {
  const pool = database.pool();
  await pool.query("DROP SCHEMA millrace CASCADE");
  const thread = { "renewal-thread-program": "@millrace/queue/renewal-thread" };
  await bundle({ worker: "bundle/worker-app.ts", ...thread }, "esm");
  const { applied, completed, errors } = await runWorker();

  expect({ completed, errors }).toEqual({ completed: 1, errors: [] });
  expect(await readSchemaVersion(pool)).toMatchObject({
    relation: "same",
    database: applied,
    release: applied,
    serves: true,
  });
});

test.each(["esm", "cjs"] as const)(
  "a bundled worker (%s) without the thread says so, and its loop renews",
  async (format) => {
    await bundle({ worker: "bundle/worker-app.ts" }, format);
    const { completed, errors } = await runWorker(true);

    expect({ completed, errors }).toEqual({
      completed: 1,
      errors: [expect.stringMatching(/^renew: .*the worker's loop renews them now/)],
    });
  },
);
