import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { rounds } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { packAll } from "../src/public-packages.ts";
import { CONFIGURATIONS, installProject, nodeOf } from "./install-project.ts";
import { runNode } from "./run-node.ts";
import { writeStartPage } from "./start-page.ts";
import { useFolder } from "./use-folder.ts";
import { workThrough } from "./work-through.ts";

const run = promisify(execFile);

/** These tests take minutes, and need a package registry. They run every night: `MILLRACE_TEST_LONG=yes`. */
const EVERY_NIGHT = rounds({ usual: 0, long: 1 }) === 1;

const LONG_MS = 600_000;

/** The oldest versions of the peers that the packages allow, and of Node that their `engines` name. */
const OLDEST = { pg: "8.11.0", "@types/pg": "8.11.0", "drizzle-orm": "0.44.0" };
const NODE_OF_LIBRARIES = "20.19.0";
const NODE_OF_COMMAND = "22.12.0";
const NODE_OF_WORKER = "22.19.0";

const COMMON = {
  zod: "^4.0.0",
  "@types/node": "^20.19.0",
  "typescript-7": "npm:typescript@7.0.2",
  tsx: "4.23.15",
};

describe.runIf(EVERY_NIGHT).each([
  {
    manager: "npm",
    others: { ...COMMON, ...OLDEST, typescript: "5.9.3" },
    hasDrizzle: true,
  },
  {
    manager: "pnpm",
    others: { ...COMMON, pg: "^8.11.0", "@types/pg": "^8.11.0", typescript: "5.9.3" },
    hasDrizzle: false,
  },
] as const)("the tarballs in a project of $manager", ({ manager, others, hasDrizzle }) => {
  const database = useTestDatabase();
  const folder = useFolder();
  const nodes = new Map<string, string>();
  let at: string;

  beforeAll(async () => {
    mkdirSync(join(folder, "tarballs"));
    mkdirSync(join(folder, "project"));
    const tarballs = await packAll(join(folder, "tarballs"));
    at = await installProject(join(folder, "project"), { manager, tarballs, others });
    nodes.set("this", process.execPath);
    for (const version of [NODE_OF_LIBRARIES, NODE_OF_COMMAND, NODE_OF_WORKER])
      nodes.set(version, await nodeOf(version));
    // What the programs run is compiled, as an application is.
    await compile("typescript-7", ["src/plain.ts", "src/throws.ts", "src/lacks-drizzle.ts"]);
    if (hasDrizzle) await compile("typescript-7", ["src/drizzle.ts", "--skipLibCheck"]);
  }, LONG_MS);

  const compile = (typescript: string, args: readonly string[]) =>
    run(
      process.execPath,
      [
        `node_modules/${typescript}/bin/tsc`,
        ...["--ignoreConfig", "--module", "nodenext", "--target", "es2022", "--strict", "--types", "node"],
        ...["--rootDir", "src", "--outDir", "dist", ...args],
      ],
      { cwd: at },
    );
  const env = () => ({ DATABASE_URL: database.url });

  test.each(
    CONFIGURATIONS.flatMap((name) =>
      ["typescript-7", "typescript"].map((typescript) => ({ name, typescript })),
    ),
  )(
    "all types pass, also those of the packages ($typescript, $name)",
    async ({ name, typescript }) => {
      const tsc = [`node_modules/${typescript}/bin/tsc`, "-p", `tsconfig.${name}.json`, "--noEmit"];
      const { stdout } = await run(process.execPath, tsc, { cwd: at }).catch((error) => error);

      expect(stdout).toBe("");
    },
    LONG_MS,
  );

  test.each([NODE_OF_LIBRARIES, NODE_OF_COMMAND, "this"])(
    "an application runs on Node %s",
    async (version) => {
      await database.pool().query("DROP SCHEMA IF EXISTS millrace CASCADE");
      const node = nodes.get(version) ?? "";
      const report = JSON.parse(await runNode(["dist/plain.js"], { cwd: at, env: env(), node }));

      expect(report).toEqual({
        ...{ total: expect.any(Number), state: "completed", output: "hello you", states: 5 },
        ...{ schedules: ["daily"], page: 200, functions: true },
      });
      if (!hasDrizzle) return;
      const row = JSON.parse(await runNode(["dist/drizzle.js"], { cwd: at, env: env(), node }));
      expect(row).toEqual({ state: "completed", type: "ship" });
    },
  );

  test("a stack trace points into the source that the source maps have", async () => {
    const failure = await runNode(["--enable-source-maps", "dist/throws.js"], { cwd: at }).catch(
      (error) => error,
    );

    expect(failure.stderr).toMatch(/@millrace\/queue\/src\/queue\.ts:\d+/);
  });

  test.runIf(!hasDrizzle)("a Drizzle database without drizzle-orm is refused by name", async () => {
    expect(await runNode(["dist/lacks-drizzle.js"], { cwd: at })).toBe("PACKAGE_MISSING drizzle-orm");
  });

  const bin = (name: string) => `node_modules/@millrace/${name}/dist/main.js`;

  test.each([NODE_OF_COMMAND, NODE_OF_WORKER, "this"])("the programs run on Node %s", async (version) => {
    const node = nodes.get(version) ?? "";
    const how = { cwd: at, env: env(), node };
    expect(await runNode([bin("admin-cli"), "migrate"], how)).toMatch(/up to date/);
    expect(await runNode([bin("admin-cli"), "jobs", "stats", "--json"], how)).toMatch(/^\{\s*"queues"/);
    if (version === NODE_OF_COMMAND) return;
    expect(await runNode([bin("worker"), "--once"], how)).toMatch(/"msg":"worker (?:started|stopped)/);
  });

  test("the programs say that a Node is too old, and are there by their names", async () => {
    const how = { cwd: at, node: nodes.get(NODE_OF_LIBRARIES) ?? "" };
    for (const [name, program, least] of [
      ["admin-cli", "millrace", NODE_OF_COMMAND],
      ["worker", "millrace-worker", NODE_OF_WORKER],
    ] as const) {
      const failure = await runNode([bin(name)], how).catch((error) => error);
      expect(failure.stderr).toBe(
        `${program} needs Node ${least} or newer; this is Node ${NODE_OF_LIBRARIES}. ` +
          "Install a newer Node, and start again.\n",
      );
      expect((await run(join(at, "node_modules/.bin", program), ["--version"], { cwd: at })).stdout).toMatch(
        /^\d/,
      );
    }
  });

  test.runIf(!hasDrizzle)("the programs of the start page run without drizzle-orm", async () => {
    const how = { cwd: at, env: env() };
    await runNode([bin("admin-cli"), "migrate"], how);
    writeStartPage(join(at, "start"));
    const worker = spawn(process.execPath, ["start/src/worker.ts"], {
      cwd: at,
      env: { ...process.env, ...env() },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const closed = once(worker, "close");
    try {
      expect(await runNode(["start/src/enqueue.ts"], how)).toMatch(/completed \{[\s\S]*ada@example\.com/);
      worker.kill("SIGTERM");
      expect(await closed).toEqual([0, null]);
    } finally {
      worker.kill("SIGKILL");
    }
  });

  test("`millrace init` finds the package manager, and what it writes runs", async () => {
    const { packageManager, install } = JSON.parse(
      await runNode([bin("admin-cli"), "init", "--json"], { cwd: at }),
    );
    expect({ packageManager, install }).toEqual({ packageManager: manager, install: [] });
    const tsx = "node_modules/tsx/dist/cli.mjs";
    const said = await workThrough(at, {
      databaseUrl: database.url,
      worker: [tsx, "src/jobs/worker.ts"],
      enqueue: [tsx, "src/jobs/enqueue-welcome.ts", "ada@example.com"],
    });

    expect(said).toContain("Welcome, ada@example.com!");
  });
});
