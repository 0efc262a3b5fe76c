import pg from "pg";
import { describe, expect, test } from "vitest";
import { emptyDatabase } from "./empty-database.ts";
import { runCommand } from "./run-command.ts";

describe("migrate", () => {
  test("an empty database gets the schema, and a second time there is nothing to do", async () => {
    const env = { MILLRACE_DATABASE_URL: await emptyDatabase() };

    const first = await runCommand(["migrate", "--json"], { env });
    const second = await runCommand(["migrate", "--json"], { env });
    const list = await runCommand(["jobs", "list"], { env });

    const { applied, total } = JSON.parse(first.stdout);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(applied).toBeGreaterThan(0);
    expect(total).toBe(applied);
    expect(JSON.parse(second.stdout)).toEqual({ applied: 0, total, newer: 0 });
    expect(list).toEqual({ exitCode: 0, stdout: "No jobs.\n", stderr: "" });
  });

  test("people are told how many migrations were applied", async () => {
    const env = { MILLRACE_DATABASE_URL: await emptyDatabase() };

    const first = await runCommand(["migrate"], { env });
    const second = await runCommand(["migrate"], { env });

    expect(first.stdout).toMatch(
      /^Migrations applied: \d+\. The schema is up to date \(migrations: \d+\)\.\n$/,
    );
    expect(second.stdout).toMatch(/^The schema is up to date \(migrations: \d+\)\.\n$/);
  });

  test("the plan has the SQL that is then run, and runs nothing", async () => {
    const env = { MILLRACE_DATABASE_URL: await emptyDatabase() };

    const plan = await runCommand(["migrate", "--plan"], { env });
    const asJson = await runCommand(["migrate", "--plan", "--json"], { env });
    await runCommand(["migrate"], { env });
    const after = await runCommand(["migrate", "--plan"], { env });

    expect(plan).toMatchObject({ exitCode: 0, stderr: "" });
    expect(plan.stdout).toMatch(/^-- To be read.*\n\n-- 0000_init\n[\s\S]*\n-- 0014_roles_and_upgrades\n/);
    const { pending } = JSON.parse(asJson.stdout) as { pending: { name: string; statements: string[] }[] };
    for (const { name, statements } of pending) {
      expect(plan.stdout).toContain(`-- ${name}\n`);
      for (const statement of statements) expect(plan.stdout).toContain(statement);
    }
    expect(after).toEqual({ exitCode: 0, stdout: "-- No migration is missing.\n", stderr: "" });
  });

  test("the planned SQL makes what the command makes", async () => {
    const planned = await emptyDatabase();
    const { stdout } = await runCommand(["migrate", "--plan"], { env: { MILLRACE_DATABASE_URL: planned } });
    const client = new pg.Client({ connectionString: planned });
    await client.connect();
    await client.query(`CREATE SCHEMA millrace; ${stdout}`);
    const { rows } = await client.query("SELECT millrace.enqueue('t') AS id");
    await client.end();

    expect(rows).toHaveLength(1);
  });

  test("the status tells what is applied and pending, and the exit code whether all is", async () => {
    const env = { MILLRACE_DATABASE_URL: await emptyDatabase() };

    const before = await runCommand(["migrate", "--status"], { env });
    await runCommand(["migrate"], { env });
    const after = await runCommand(["migrate", "--status"], { env });
    const asJson = await runCommand(["migrate", "--status", "--json"], { env });

    expect(before).toMatchObject({ exitCode: 1, stderr: "" });
    expect(before.stdout).toMatch(
      /^Applied: none\.\nPending: 0000_init, .*0014_roles_and_upgrades\.\nNo worker is alive\.\n$/,
    );
    expect(after).toMatchObject({ exitCode: 0, stderr: "" });
    expect(after.stdout).toMatch(/^Applied: 15, the last is 0014_roles_and_upgrades\.\nPending: none\.\n/);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      schema: { relation: "same", serves: true },
      pending: [],
      newer: 0,
      workers: [],
    });
  });

  test("the status counts living workers by release", async () => {
    const url = await emptyDatabase();
    const env = { MILLRACE_DATABASE_URL: url };
    await runCommand(["migrate"], { env });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, release, schema)
       VALUES ('a', '{}', '{}', '1.2.0', 15), ('b', '{}', '{}', '1.2.0', 15), ('c', '{}', '{}', NULL, NULL)`,
    );
    await client.end();

    const { stdout } = await runCommand(["migrate", "--status"], { env });

    expect(stdout).toContain("Workers that are alive, by release: 1.2.0: 2, an older release: 1.\n");
  });

  test("the plan and the status exclude each other, and force belongs to neither", async () => {
    for (const argv of [
      ["--plan", "--status"],
      ["--plan", "--force"],
      ["--status", "--force"],
    ]) {
      const { exitCode } = await runCommand(["migrate", ...argv], { env: {} });
      expect({ argv, exitCode }).toEqual({ argv, exitCode: 2 });
    }
  });

  test("a database of a newer release is not called up to date", async () => {
    const url = await emptyDatabase();
    const env = { MILLRACE_DATABASE_URL: url };
    await runCommand(["migrate"], { env });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ('newer', 9999999999999)");
    await client.end();

    const { exitCode, stdout } = await runCommand(["migrate"], { env });

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^The database is newer than this program: 1 of its migrations are unknown here \(known: \d+\)\. /,
    );
  });

  test("a migration that fails is told with exit code 1, and leaves nothing behind", async () => {
    const url = await emptyDatabase();
    const env = { MILLRACE_DATABASE_URL: `${url}?options=-c%20default_transaction_read_only%3Don` };

    const { exitCode, stderr } = await runCommand(["migrate", "--json"], { env });

    expect(exitCode).toBe(1);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: "MIGRATION_FAILED", message: expect.stringContaining("read-only transaction") },
    });
  });
});
