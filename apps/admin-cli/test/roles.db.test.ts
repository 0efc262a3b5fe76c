import { createQueue } from "@millrace/queue";
import { MILLRACE_ROLES } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";
import { runCommand } from "./run-command.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** The environment of a command whose connections have a role. */
function as(role: string): { env: Record<string, string> } {
  const url = new URL(database.url);
  url.searchParams.set("options", `-c role=${role}`);
  return { env: { MILLRACE_DATABASE_URL: url.href, MILLRACE_ACTOR: "ada" } };
}

describe("millrace roles", () => {
  test("makes the roles, and a second time changes nothing", async () => {
    await cli.json(["roles"]);

    expect(await cli.text(["roles"])).toBe("No role was missing. Each role has its rights.\n");
    const { rows } = await pool.query(
      "SELECT name, has_schema_privilege(name, 'millrace', 'USAGE') AS granted FROM unnest($1::text[]) AS name",
      [MILLRACE_ROLES],
    );
    expect(rows).toEqual(MILLRACE_ROLES.map((name) => ({ name, granted: true })));
  });

  test("prints the SQL without a database, and the SQL may be run again", async () => {
    const printed = await runCommand(["roles", "--print"], { env: {} });
    const asJson = await runCommand(["roles", "--print", "--json"], { env: {} });

    expect(printed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(asJson.stdout)).toEqual({ sql: printed.stdout });
    await pool.query(printed.stdout);
    await pool.query(printed.stdout);
  });

  test("is refused to a role that does not own the schema, and says what to do", async () => {
    await cli.json(["roles"]);

    const refused = await runCommand(["roles"], as("millrace_admin"));

    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toMatch(/does not own the millrace schema.*millrace roles --print/s);
  });
});

describe("an administrator's role", () => {
  test("gives every command but migrations that are missing", async () => {
    await cli.json(["roles"]);
    const queue = createQueue(pool);
    const { id: queued } = await queue.enqueue("t", { n: 1 }, { queue: "q", delayMs: 3_600_000 });
    const { id: failed } = await queue.enqueue("t", {}, { queue: "f", maxAttempts: 1 });
    const [run] = await queue.runs.claim({ workerId: "w", queues: ["f"], limit: 1, leaseSeconds: 30 });
    await queue.runs.fail([{ id: failed, leaseToken: run?.leaseToken ?? 0, error: "x", retryInMs: null }]);
    const commands = [
      ["jobs", "list"],
      ["jobs", "list", "--state", "failed"],
      ["jobs", "get", queued],
      ["jobs", "explain", queued],
      ["jobs", "failures"],
      ["jobs", "stats"],
      ["jobs", "enqueue", "t", "--queue", "q"],
      ["jobs", "change", queued, "--priority", "3"],
      ["jobs", "run-now", queued],
      ["jobs", "cancel", queued],
      ["jobs", "retry", failed],
      ["jobs", "wait", queued],
      ["jobs", "delete", "--queue", "q", "--yes"],
      ["jobs", "prune", "--older-than", "0s"],
      ["queues", "list"],
      ["queues", "pause", "q"],
      ["queues", "resume", "q"],
      ["queues", "set", "q", "--timeout", "5s"],
      ["undo", "--last", "--yes"],
      ["schedules", "create", "s", "--type", "t", "--cron", "@hourly"],
      ["schedules", "list"],
      ["schedules", "get", "s"],
      ["schedules", "update", "s", "--priority", "3"],
      ["schedules", "disable", "s"],
      ["schedules", "enable", "s"],
      ["schedules", "run", "s"],
      ["schedules", "ticks", "s"],
      ["schedules", "delete", "s"],
      ["workers", "list"],
      ["audit", "list"],
      ["top", "--once"],
      ["migrate"],
      ["doctor"],
    ];

    const refused: unknown[] = [];
    for (const argv of commands) {
      const { stderr } = await runCommand(argv, as("millrace_admin"));
      if (/role|permission|denied|usage|unknown/i.test(stderr)) refused.push({ argv, stderr });
    }

    expect(refused).toEqual([]);
  });
});

test("a command that the role may not give says which role may", async () => {
  await cli.json(["roles"]);

  const refused = await runCommand(["queues", "pause", "q", "--json"], as("millrace_viewer"));

  expect(refused.exitCode).toBe(1);
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: { code: "DATABASE_ROLE", message: expect.stringContaining("millrace_admin") },
  });
});
