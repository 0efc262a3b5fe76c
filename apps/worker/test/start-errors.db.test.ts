import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createQueue } from "@millrace/queue";
import { migrate, readSchemaVersion } from "@millrace/schema/migrations";
import { createTestDatabase, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type Program, type StartOptions, startProgram } from "./start-program.ts";

const database = useTestDatabase();

let folder: string;
const programs: Program[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-start-"));
});
afterEach(async () => {
  for (const { child } of programs) child.kill("SIGKILL");
  await Promise.all(programs.splice(0).map((program) => program.exited));
  rmSync(folder, { recursive: true });
});

function startMain(options: StartOptions): Program {
  const program = startProgram("main.ts", options);
  programs.push(program);
  return program;
}

/** Writes modules into a folder of tasks and starts a worker on them. */
function startWith(files: Readonly<Record<string, string>>, databaseUrl = database.url): Program {
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), source);
  }
  return startMain({ env: { MILLRACE_DATABASE_URL: databaseUrl, MILLRACE_TASKS_DIR: folder } });
}

/** The source of a module that exports a task, made by another copy of the queue package. */
const taskSource = (name: string) => `export const task = { kind: "millrace.task", name: "${name}" };\n`;

/** What the worker told on standard error. It must end with 1. */
async function refusalOf(url: URL, argv: readonly string[] = []): Promise<string> {
  const worker = startMain({ env: { MILLRACE_DATABASE_URL: url.href }, argv });
  expect(await worker.exited).toBe(1);
  expect(worker.logLine("the worker cannot start")).toMatchObject({ level: 60 });
  return worker.errors();
}

describe("a database that refuses the worker is told of in plain text, with its remedy:", () => {
  test.each([
    ["no such database", { pathname: "/no_such_database" }, "Create the database, or correct its name"],
    ["no such user", { username: "no_such_user" }, "Correct the user"],
  ])("%s", async (_what, part, remedy) => {
    const url = Object.assign(new URL(database.url), { password: "s3cret-w0rd" }, part);

    const told = await refusalOf(url);

    const target = `${url.hostname}:${url.port}${url.pathname}`;
    expect(told).toMatch(/^The worker cannot start:\n {2}.+\n$/);
    expect(told).toContain(`Cannot connect to the database at ${target}: `);
    expect(told).toContain(remedy);
    expect(told).not.toContain("s3cret-w0rd");
  });

  test("a role that may not migrate, and one without rights, until what the message says is done", async () => {
    const pool = database.pool();
    // A role belongs to the whole server: another run on it, or one that was killed, has a role of its own.
    const role = `millrace_test_worker_${randomUUID().replaceAll("-", "")}`;
    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'w0rker'`);
    try {
      const url = Object.assign(new URL(database.url), {
        username: role,
        password: "w0rker",
      });

      expect(await refusalOf(url)).toContain("start the worker with MILLRACE_MIGRATE=false");
      const told = await refusalOf(url, ["--no-migrate"]);
      const grants = told.match(/GRANT [^;]+;/g) ?? [];
      await pool.query(grants.join("\n").replaceAll("<role>", role));
      const worker = startMain({ env: { MILLRACE_DATABASE_URL: url.href }, argv: ["--no-migrate"] });
      const queue = createQueue(pool);
      const job = await queue.enqueue("jobs.prune");
      // This job, by its id: the worker's own schedule may enqueue another one.
      await waitFor(async () => (await queue.get(job.id)).state === "completed", {
        description: "the job to be completed",
      });

      expect(grants).toHaveLength(2);
      worker.child.kill("SIGTERM");
      expect(await worker.exited).toBe(0);
    } finally {
      await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

describe("a schema of another release", () => {
  let url: string;
  let pool: Pool;
  beforeEach(async () => {
    const other = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
    url = other.url;
    pool = new Pool({ connectionString: url });
    // end() resolves before the server has let go, and dropping the database cuts what is left.
    pool.on("error", () => undefined);
    await migrate(pool);
    return async () => {
      await pool.end();
      await other.drop();
    };
  });

  test.each([[["--no-migrate"]], [["--no-migrate", "--no-schedules"]]])(
    "that is older keeps a worker from starting that may not migrate (%j)",
    async (argv) => {
      await pool.query(
        `DELETE FROM millrace.migrations WHERE created_at = (SELECT max(created_at) FROM millrace.migrations);
         ALTER TABLE millrace.workers RENAME TO later_workers`,
      );
      const { release } = await readSchemaVersion(pool);

      const told = await refusalOf(new URL(url), argv);

      expect(told).toContain(
        `of an older release: ${release - 1} of ${release} migrations. Run \`millrace migrate\``,
      );
    },
  );

  test.each([["--migrate"], ["--no-migrate"]])(
    "that is newer is warned of, with both versions (%s)",
    async (flag) => {
      await pool.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ('later', 9999999999999)");
      const { release } = await readSchemaVersion(pool);
      const worker = startMain({ env: { MILLRACE_DATABASE_URL: url }, argv: [flag] });
      await worker.wrote('"msg":"worker started"');

      expect(
        worker.logLine("the database has the millrace schema of a newer release: update this worker"),
      ).toMatchObject({ level: 40, databaseMigrations: release + 1, workerMigrations: release });
      worker.child.kill("SIGTERM");
      expect(await worker.exited).toBe(0);
    },
  );
});

test("a database that is away is named at each try, without a stack", async () => {
  const url = "postgres://postgres:s3cret-w0rd@127.0.0.1:1/nowhere";
  const worker = startMain({ env: { MILLRACE_DATABASE_URL: url } });
  await worker.wrote("the database is away");

  expect(worker.logLine("the database is away, trying again")).toMatchObject({
    error: "Cannot connect to the database at 127.0.0.1:1/nowhere: connect ECONNREFUSED 127.0.0.1:1",
    retryInMs: expect.any(Number),
  });
  expect(worker.output()).not.toMatch(/"stack"|s3cret/);
});

test("of several servers, the worker takes the one that takes writes, and says at which address", async () => {
  const { host } = new URL(database.url);
  const worker = startMain({
    env: { MILLRACE_DATABASE_URL: database.url.replace(host, `127.0.0.1:1,${host}`) },
  });
  await worker.wrote('"msg":"worker started"');

  expect(worker.logLine("the database is there")).toMatchObject({
    database: expect.stringContaining(`127.0.0.1:1,${host}/`),
  });
  expect(worker.output()).not.toContain('"level":50');
  worker.child.kill("SIGTERM");
  expect(await worker.exited).toBe(0);
});

describe("a folder of tasks", () => {
  test("is told of at the start: each task and where it comes from", async () => {
    const worker = startWith({ "mail.mjs": taskSource("mail.welcome") });
    await worker.wrote('"msg":"tasks loaded"');

    const told = worker.logLine("tasks loaded");

    expect(told).toMatchObject({
      tasksDir: folder,
      tasks: [
        { name: "http.request", from: "built-in" },
        { name: "rows.prune", from: "built-in" },
        { name: "view.refresh", from: "built-in" },
        { name: "jobs.prune", from: "built-in" },
        { name: "mail.welcome", from: join(folder, "mail.mjs") },
      ],
    });
  });

  test.each([
    ["that is empty", {}, "It is empty."],
    ["with tasks in sub-folders alone", { "mail/a.mjs": taskSource("a") }, "Sub-folders are not searched"],
    [
      "with a module that has no task",
      { "a.mjs": "export const send = 1;" },
      "It exports only send (number).",
    ],
    [
      "with an array of tasks",
      { "a.mjs": `${taskSource("a").slice(7)} export default [task];` },
      `has "a" in an array`,
    ],
  ])("%s keeps the worker from starting, with exit code 2", async (_what, files, message) => {
    const worker = startWith(files);

    expect(await worker.exited).toBe(2);
    expect(worker.errors()).toContain(message);
  });

  test.each([
    ["throws", "t.mjs", `\n\nthrow new Error("no key");`, "no key (line 3)"],
    [
      "is not JavaScript",
      "s.mjs",
      "export const a = 1;\nexport const b = ;\n",
      "Unexpected token ';' (line 2)",
    ],
    ["is not TypeScript", "s.ts", "export const a: number = 1;\n\nexport const b = ;\n", "(line 3)"],
    ["is not CommonJS", "s.cjs", "\nexports.b = ;\n", "(line 2)"],
    ["asks for an export that is not there", "i.mjs", `import { b } from "./i.mjs";\n`, "(line 1)"],
    ["imports what is not JavaScript", "i.mjs", `import "./sub/bad.mjs";\n`, "(in a module that it imports)"],
    ["imports what is not TypeScript", "i.mjs", `import "./sub/bad.ts";\n`, "/sub/bad.ts:2)"],
  ])("with a module that %s is refused with the line, once", async (_what, file, source, place) => {
    const bad = "\nexport const b = ;\n";

    const worker = startWith({ "sub/bad.mjs": bad, "sub/bad.ts": bad, [file]: source });

    expect(await worker.exited).toBe(2);
    expect(worker.errors()).toMatch(/^The worker cannot start:\n {2}The module .+ failed to load: .+\n$/);
    expect(worker.errors()).toContain(`The module ${join(folder, file)} failed to load: `);
    expect(worker.errors().split(place)).toHaveLength(2);
  });

  test("with a module whose top-level await hangs is told of, and a signal still stops the worker", async () => {
    const worker = startWith({ "a.mjs": "await new Promise(() => {});" });
    await worker.wrote("is still loading");
    expect(worker.output()).toContain(join(folder, "a.mjs"));

    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
  });
});
