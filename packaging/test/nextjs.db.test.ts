import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { rounds, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll } from "../src/public-packages.ts";
import { environment } from "./install-project.ts";
import { useFolder } from "./use-folder.ts";

const run = promisify(execFile);
const EXAMPLE = join(import.meta.dirname, "../../examples/nextjs");

/** Next.js is large, and its build takes a minute: every night, with `MILLRACE_TEST_LONG=yes`. */
const EVERY_NIGHT = rounds({ usual: 0, long: 1 }) === 1;

const LONG_MS = 600_000;
const TOKEN = "a-token-of-this-test-alone";

describe.runIf(EVERY_NIGHT)("the Next.js example, with the packages as they are published", () => {
  const database = useTestDatabase();
  const folder = useFolder();
  const project = join(folder, "project");
  const children: ChildProcess[] = [];
  let site: string;

  const start = (file: string, ...args: string[]) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: project,
      env: { ...environment(), DATABASE_URL: database.url, DASHBOARD_TOKEN: TOKEN },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  };

  beforeAll(async () => {
    mkdirSync(join(folder, "tarballs"));
    const tarballs = await packAll(join(folder, "tarballs"));
    cpSync(EXAMPLE, project, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(EXAMPLE, "package.json"), "utf8"));
    // All tarballs are named, because the packages depend on each other by versions that no registry has.
    for (const [name, file] of tarballs) manifest.dependencies[name] = `file:${file}`;
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: project, env: environment() });
    await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
      cwd: project,
      env: { ...environment(), DATABASE_URL: database.url, DASHBOARD_TOKEN: TOKEN },
    });
    let output = "";
    start("node_modules/next/dist/bin/next", "start", "--port", "0").stdout?.on("data", (data) => {
      output += data;
    });
    const address = () => /http:\/\/localhost:(\d+)/.exec(output)?.[1];
    await waitFor(() => address() !== undefined && output.includes("Ready"), {
      description: "Next.js to listen",
    });
    site = `http://127.0.0.1:${address()}`;
    start("worker.ts");
  }, LONG_MS);
  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  test("a route enqueues, and the worker beside it runs the job", async () => {
    const answer = await fetch(`${site}/api/orders`, {
      method: "POST",
      body: JSON.stringify({ email: "ada@example.com", total: 4_200 }),
    });
    const { jobId } = (await answer.json()) as { jobId: string };

    expect(answer.status).toBe(202);
    const state = async () => {
      const { rows } = await database.pool().query("SELECT state FROM millrace.jobs WHERE id = $1", [jobId]);
      return rows[0]?.state;
    };
    await waitFor(async () => (await state()) === "completed", { description: "the job to complete" });
  });

  test("the dashboard answers at its route", async () => {
    const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${site}${path}`, { headers });

    expect((await ask("/ops/api/queues")).status).toBe(401);
    expect((await ask("/ops/api/queues", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect(await (await ask("/ops")).text()).toContain("<title>");
  });
});
