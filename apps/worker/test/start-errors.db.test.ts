import { createQueue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testing/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { type Program, type StartOptions, startProgram } from "./start-program.ts";

const database = useTestDatabase();

const programs: Program[] = [];

afterEach(async () => {
  for (const { child } of programs) child.kill("SIGKILL");
  await Promise.all(programs.splice(0).map((program) => program.exited));
});

function startMain(options: StartOptions): Program {
  const program = startProgram("main.ts", options);
  programs.push(program);
  return program;
}

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
    await pool.query("CREATE ROLE millrace_test_worker LOGIN PASSWORD 'w0rker'");
    try {
      const url = Object.assign(new URL(database.url), {
        username: "millrace_test_worker",
        password: "w0rker",
      });

      expect(await refusalOf(url)).toContain("start the worker with MILLRACE_MIGRATE=false");
      const told = await refusalOf(url, ["--no-migrate"]);
      const grants = told.match(/GRANT [^;]+;/g) ?? [];
      await pool.query(grants.join("\n").replaceAll("<role>", "millrace_test_worker"));
      const worker = startMain({ env: { MILLRACE_DATABASE_URL: url.href }, argv: ["--no-migrate"] });
      const job = await createQueue(pool).enqueue("jobs.prune");
      await worker.wrote('"msg":"job completed"');

      expect(grants).toHaveLength(2);
      expect((await createQueue(pool).get(job.id)).state).toBe("completed");
      worker.child.kill("SIGTERM");
      expect(await worker.exited).toBe(0);
    } finally {
      await pool.query("DROP OWNED BY millrace_test_worker; DROP ROLE millrace_test_worker");
    }
  });
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
