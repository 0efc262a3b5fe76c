import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cliOn } from "./cli.ts";
import { emptyDatabase } from "./empty-database.ts";
import { runCommand } from "./run-command.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

test("migrate tells of a connection that is cut in one line, with exit code 1", async () => {
  const holder = await pool.connect();
  await holder.query("BEGIN");
  // Whatever lock migrate takes first to be alone, it waits for this one on its bookkeeping table at the latest.
  await holder.query("LOCK TABLE millrace.migrations IN ACCESS EXCLUSIVE MODE");
  onTestFinished(async () => {
    await holder.query("ROLLBACK");
    holder.release();
  });

  const failing = cli.failure(["migrate"]);
  await cutWaitingCommand(pool);

  const { exitCode, error } = await failing;
  expect(exitCode).toBe(1);
  expect(error).toMatchObject({ message: expect.stringContaining("terminating connection") });
});

describe("the database", () => {
  test("the option is used rather than the environment", async () => {
    const env = {
      MILLRACE_DATABASE_URL: "postgres://127.0.0.1:1/none",
      DATABASE_URL: "postgres://127.0.0.1:1/none",
    };

    expect(await runCommand(["jobs", "list", "--database-url", database.url], { env })).toMatchObject({
      exitCode: 0,
    });
    expect(await runCommand(["--database-url", database.url, "jobs", "list"], { env })).toMatchObject({
      exitCode: 0,
    });
  });

  test("DATABASE_URL is used when nothing else is given", async () => {
    const outcome = await runCommand(["jobs", "list"], { env: { DATABASE_URL: database.url } });

    expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("none at all is bad usage that names all three ways", async () => {
    expect(await runCommand(["jobs", "list"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "millrace: No database: give --database-url, or set MILLRACE_DATABASE_URL or DATABASE_URL.\n",
    });
  });

  test("an address where nobody listens is told in one line, with exit code 1", async () => {
    const env = { DATABASE_URL: "postgres://u:secret@127.0.0.1:1/db?password=secret" };

    expect(await runCommand(["jobs", "list"], { env })).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "millrace: Cannot connect to the database at 127.0.0.1:1/db: connect ECONNREFUSED 127.0.0.1:1.\n",
    });
  });

  test("of several servers, the command goes to the one that takes writes, and names all where none does", async () => {
    const { host } = new URL(database.url);
    const env = { DATABASE_URL: database.url.replace(host, `127.0.0.1:1,${host}`) };
    const nobody = { DATABASE_URL: "postgres://u:secret@127.0.0.1:1,127.0.0.1:2/db" };

    expect(await runCommand(["jobs", "list"], { env })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await runCommand(["jobs", "list"], { env: nobody })).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "millrace: Cannot connect to the database at 127.0.0.1:1,127.0.0.1:2/db: No server takes writes " +
        "(127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1; 127.0.0.1:2: connect ECONNREFUSED 127.0.0.1:2). " +
        "Start the primary, or promote a standby.\n",
    });
  });

  test("a database that does not exist is told with exit code 1", async () => {
    const url = new URL(database.url);
    url.pathname = "/nowhere";

    const failure = await cli.failure(["jobs", "list", "--database-url", url.href]);

    expect(failure).toEqual({
      exitCode: 1,
      error: {
        code: "DATABASE_UNAVAILABLE",
        message: expect.stringMatching(/^Cannot connect .*: database "nowhere" does not exist\.$/),
      },
    });
  });

  test.each([
    ["jobs", "list"],
    ["jobs", "stats"],
    ["jobs", "enqueue", "send"],
  ])("without the schema, %s %s says to migrate, with exit code 1", async (...argv) => {
    const failure = await cli.failure([...argv, "--database-url", await emptyDatabase()]);

    expect(failure).toEqual({
      exitCode: 1,
      error: { code: "SCHEMA_MISSING", message: expect.stringContaining("run `millrace migrate`") },
    });
  });

  test("a connection that is cut while the command waits is told with exit code 1", async () => {
    await lockJobs();

    const failing = cli.failure(["jobs", "list"]);
    await cutWaitingCommand(pool);

    expect(await failing).toEqual({
      exitCode: 1,
      error: {
        code: "DATABASE_UNAVAILABLE",
        message: expect.stringContaining("The connection to the database was lost: "),
      },
    });
  });

  test("what the database refuses is told with its SQLSTATE and exit code 1", async () => {
    await lockJobs();
    const url = `${database.url}?options=-c%20statement_timeout%3D50`;

    expect(await cli.failure(["jobs", "list", "--database-url", url])).toEqual({
      exitCode: 1,
      error: {
        code: "DATABASE_ERROR",
        message: "The database refused: canceling statement due to statement timeout (SQLSTATE 57014).",
      },
    });
  });

  test("no connection is left open, whether the command succeeds or fails", async () => {
    await cli.text(["jobs", "list"]);
    await cli.failure(["jobs", "get", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f"]);

    const open = await waitFor(
      async () => {
        const { rows } = await pool.query<{ open: number }>(
          `SELECT count(*)::int AS open FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'millrace-cli'`,
        );
        return rows[0]?.open === 0 ? "none" : null;
      },
      { description: "the command's connections to end" },
    );

    expect(open).toBe("none");
  });
});

/** Waits until the command waits for a lock on this database, and cuts its connection. */
async function cutWaitingCommand(on: pg.Pool): Promise<void> {
  const cut = `
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'millrace-cli' AND wait_event_type = 'Lock'`;
  await waitFor(async () => (await on.query(cut)).rowCount === 1, {
    description: "the command to wait for a lock",
  });
}

async function lockJobs(): Promise<void> {
  const holder = await pool.connect();
  await holder.query("BEGIN");
  await holder.query("LOCK TABLE millrace.jobs IN ACCESS EXCLUSIVE MODE");
  onTestFinished(async () => {
    await holder.query("ROLLBACK");
    holder.release();
  });
}
