import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { createTestDatabase, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { type Program, startProgram } from "./start-program.ts";

const database = useTestDatabase();

let folder: string;
let dataDir: string | undefined;
const programs: Program[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-demo-"));
});
afterEach(async () => {
  for (const { child } of programs) child.kill("SIGTERM");
  await Promise.all(programs.splice(0).map((program) => program.exited));
  for (const path of [folder, dataDir])
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
});

function startDemo(env: Record<string, string> = {}, argv: readonly string[] = []): Program {
  const program = startProgram("start.ts", {
    env: { MILLRACE_DEMO_DATA_DIR: join(folder, "postgres"), ...env },
    argv,
  });
  programs.push(program);
  return program;
}

/** The demo's database, as its header tells it. */
function openDemoDatabase(demo: Program): Pool {
  dataDir = /its data in (.+)/.exec(demo.output())?.[1];
  const pool = new Pool({ connectionString: /postgres:\/\/\S+/.exec(demo.output())?.[0] });
  // The demo's server may go down before the last connection has closed.
  pool.on("error", () => undefined);
  return pool;
}

/** Whether a job is in each state: the shop's jobs are made to be. */
async function hasEveryState(queue: Queue): Promise<boolean> {
  const states = ["queued", "running", "completed", "failed", "canceled"] as const;
  const found = await Promise.all(states.map((state) => queue.list({ state, limit: 1 })));
  return found.every((jobs) => jobs.length === 1);
}

/** What one run of the demo leaves. */
async function afterAllIsDone(demo: Program) {
  await demo.wrote("all done");
  const pool = openDemoDatabase(demo);
  try {
    const jobs = await createQueue(pool).list({ queue: "demo", limit: 1_000 });
    const rows = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM demo.page_views");
    const schedules = await createSchedules(pool).list();
    return { jobs, rowsLeft: rows.rows[0]?.count, schedules: schedules.map((schedule) => schedule.name) };
  } finally {
    await pool.end();
  }
}

describe("start without a configuration", { timeout: 300_000 }, () => {
  test("shows all four works, stops cleanly at SIGINT, and starts again on its data without piling up", async () => {
    const first = startDemo();
    const { jobs, rowsLeft, schedules } = await afterAllIsDone(first);

    const attempts = Object.fromEntries(
      jobs.filter((job) => job.state === "completed").map((job) => [job.type, job.attempts]),
    );
    expect(attempts).toEqual({ "http.request": 1, "rows.prune": 1, "demo.flaky": 2, "demo.heartbeat": 1 });
    expect(rowsLeft).toBe(30);
    expect(schedules).toEqual(["demo.heartbeat", "millrace.jobs-prune"]);
    for (const line of [
      /received +POST \/hook +\{"hello":"from Millrace"\}/,
      /retried +demo\.flaky +again in 1\.\d s: .*the first attempt always fails/,
      /counted +demo\.page_views +30 of 100 rows left/,
      /ticked +demo\.heartbeat/,
    ]) {
      expect(first.output()).toMatch(line);
    }
    expect(first.output()).not.toContain("\u001b");
    first.child.kill("SIGINT");
    expect(await first.exited).toBe(0);
    expect(first.output()).toMatch(/stopped +PostgreSQL +its data is kept\n$/);

    const second = startDemo();
    const again = await afterAllIsDone(second);
    expect(again.rowsLeft).toBe(30);
    expect(again.schedules).toEqual(schedules);
    expect(again.jobs.map((job) => job.id)).toEqual(expect.arrayContaining(jobs.map((job) => job.id)));
    second.child.kill("SIGTERM");
    expect(await second.exited).toBe(0);
  });

  test("serves the dashboard, in which a shop opens with its first visitor", async () => {
    const demo = startDemo();
    await demo.wrote("all done");
    const origin = /Dashboard: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(demo.output())?.[1] ?? "";

    const page = await fetch(origin);

    expect(await page.text()).toContain('<meta name="millrace-base"');
    const pool = openDemoDatabase(demo);
    const queue = createQueue(pool);
    try {
      await waitFor(() => hasEveryState(queue), { description: "jobs in every state", timeoutMs: 150_000 });
      const { jobs } = z
        .object({ jobs: z.array(z.unknown()) })
        .parse(await (await fetch(`${origin}/api/jobs?queue=newsletter`)).json());
      expect(jobs).toHaveLength(24);
      const charge = await waitFor(
        async () => (await queue.list({ type: "card.charge", state: "completed", limit: 1 }))[0],
        { description: "a charged card" },
      );
      const text = await (await fetch(`${origin}/api/jobs/${charge.id}`)).text();
      expect(text).toContain("[redacted]");
      expect(text).not.toContain("4000 0566");
    } finally {
      await pool.end();
    }
    // The shop is for the dashboard: the terminal stays readable.
    expect(demo.output()).not.toMatch(/mail\.send|shop\.order|video\.transcode/);
    demo.child.kill("SIGINT");
    expect(await demo.exited).toBe(0);
  });

  test("stops cleanly when it is told to while it starts", async () => {
    const demo = startDemo();
    await demo.wrote("Starting PostgreSQL");

    demo.child.kill("SIGINT");

    expect(await demo.exited).toBe(0);
    dataDir = /its data in (.+)/.exec(demo.output())?.[1];
  });

  test("leaves the database of a DATABASE_URL alone, and says so; and the dashboard out, when told to", async () => {
    const empty = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
    const demo = startDemo({ DATABASE_URL: empty.url, MILLRACE_DEMO_DASHBOARD: "off" });
    await afterAllIsDone(demo);

    demo.child.kill("SIGINT");

    expect(await demo.exited).toBe(0);
    expect(demo.output()).toMatch(/^DATABASE_URL is set.+a worker on it: npx --yes pnpm@12 worker\n/);
    expect(demo.output()).not.toContain(empty.url);
    expect(demo.output()).not.toContain("Dashboard");
    const { rows } = await withPool(empty.url, (pool) =>
      pool.query("SELECT to_regnamespace('millrace') AS made"),
    );
    expect(rows).toEqual([{ made: null }]);
    await empty.drop();
  });

  test("ends with 2 when its folder of tasks cannot be used, and says why", async () => {
    const demo = startDemo({ MILLRACE_TASKS_DIR: join(folder, "absent") });

    expect(await demo.exited).toBe(2);
    expect(demo.output()).toContain("The demo cannot go on: Cannot read the folder of tasks");
    dataDir = /its data in (.+)/.exec(demo.output())?.[1];
  });

  test("says so when another start uses the same data", async () => {
    const first = startDemo();
    await first.wrote("Ctrl-C stops");
    dataDir = /its data in (.+)/.exec(first.output())?.[1];

    const second = startDemo();

    expect(await second.exited).toBe(1);
    expect(second.output()).toContain("The demo cannot go on: ");
    first.child.kill("SIGINT");
    expect(await first.exited).toBe(0);
  });
});

test.each([
  ["start", "start.ts"],
  ["worker", "main.ts"],
])("the script %s stops when the package manager that runs it is killed", async (script, file) => {
  const program = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
  const output = join(folder, "output");
  const pidFile = join(folder, "pid");
  // As npx and pnpm do: each runs a shell, and passes no signal on.
  const shell = join(folder, "script.sh");
  const pnpm = join(folder, "pnpm");
  writeFileSync(
    shell,
    `"${process.execPath}" --conditions=@millrace/source "${program}" >"${output}" 2>&1 & echo $! >"${pidFile}"; wait`,
  );
  writeFileSync(pnpm, `/bin/sh "${shell}" & wait`);
  const npx = spawn("/bin/sh", ["-c", `/bin/sh "${pnpm}" & wait`, "npx"], {
    env: { PATH: process.env.PATH, MILLRACE_DATABASE_URL: database.url, npm_lifecycle_event: script },
    stdio: "ignore",
  });
  const wrote = (text: string) =>
    waitFor(() => existsSync(output) && readFileSync(output, "utf8").includes(text), {
      description: `${text} in the program's output`,
    });
  await wrote('"msg":"worker started"');

  npx.kill("SIGKILL");

  await wrote('"msg":"worker stopped"');
  const pid = Number(readFileSync(pidFile, "utf8"));
  await waitFor(() => !isAlive(pid), { description: "the end of the program" });
});

test.each([
  ["MILLRACE_DATABASE_URL", (url: string) => startDemo({ MILLRACE_DATABASE_URL: url })],
  ["--database-url", (url: string) => startDemo({}, ["--", "--database-url", url])],
])("start with %s is the worker on that database, with its log", async (_how, start) => {
  const worker = start(database.url);
  await worker.wrote('"msg":"worker started"');

  worker.child.kill("SIGTERM");

  expect(await worker.exited).toBe(0);
  expect(worker.output()).not.toContain("PostgreSQL");
});

async function withPool<T>(url: string, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: url, max: 1 });
  // end() resolves before the server has let go, and dropping the database cuts what is left.
  pool.on("error", () => undefined);
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    // A process that ended but was not waited for is a zombie, state Z.
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    // ESRCH: there is no such process.
    return false;
  }
}
