import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { runProcess } from "./run-process.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

test("a command that is done ends by itself, with its answer whole and exit code 0", async () => {
  await pool.query(
    `INSERT INTO millrace.jobs (type, payload) SELECT 'bulk', to_jsonb(repeat('x', 2000)) FROM generate_series(1, 500)`,
  );

  const outcome = await runProcess(["jobs", "list", "--type", "bulk", "--limit", "1000", "--json"], {
    env: { DATABASE_URL: database.url },
  });

  expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(outcome.stdout).jobs).toHaveLength(500);
});

test("a reader that closes the pipe early is no failure", async () => {
  const outcome = await runProcess(["jobs", "list", "--limit", "1000", "--json"], {
    env: { DATABASE_URL: database.url },
    closeStdout: true,
  });

  expect(outcome).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test("lines of JSON end with their reader, and come whole to a reader that reads on", async () => {
  const argv = ["jobs", "list", "--json-lines", "--limit", "100000"];
  const env = { DATABASE_URL: database.url };
  await pool.query(
    `INSERT INTO millrace.jobs (type, payload)
     SELECT 'lines', to_jsonb(repeat('x', 1000)) FROM generate_series(1, 3000)`,
  );

  const left = await runProcess(argv, { env, closeStdout: true });
  const read = await runProcess([...argv, "--type", "lines"], { env });

  expect(left).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect(read).toMatchObject({ exitCode: 0, stderr: "" });
  expect(read.stdout.trimEnd().split("\n")).toHaveLength(3_000);
});

test("a payload is read from the pipe that is standard input", async () => {
  const outcome = await runProcess(["jobs", "enqueue", "piped", "--payload", "-", "--json"], {
    env: { DATABASE_URL: database.url },
    stdin: '{"from":"pipe"}',
  });

  expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  const { rows } = await pool.query("SELECT payload FROM millrace.jobs WHERE id = $1", [
    JSON.parse(outcome.stdout).id,
  ]);
  expect(rows).toEqual([{ payload: { from: "pipe" } }]);
});

test.each([
  ["a job that is not there", ["jobs", "get", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f"], 1],
  ["a command that is not there", ["jobs", "destroy"], 2],
  [
    "a database that is not there",
    ["jobs", "list", "--database-url", "postgres://u:secret@127.0.0.1:1/db"],
    1,
  ],
])("%s is told in one line without a stack trace or a password", async (_case, argv, exitCode) => {
  const outcome = await runProcess(argv, { env: { DATABASE_URL: database.url } });

  expect(outcome).toEqual({ exitCode, stdout: "", stderr: expect.stringMatching(/^millrace: .+\n$/) });
  expect(outcome.stderr).not.toContain("secret");
});
