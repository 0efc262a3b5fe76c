import { expectedCatalog, readCatalog } from "@millrace/schema/catalog";
import { createTestDatabase } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { compareCatalog } from "../src/doctor/compare-catalog.ts";
import { examine } from "../src/doctor/examine.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { cliOn } from "./cli.ts";
import { ownDatabase, problems } from "./own-database.ts";
import { runCommand } from "./run-command.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** Runs repairs as a person would: a statement at a time, because CONCURRENTLY needs that. */
async function repair(on: pg.Pool, findings: readonly Finding[]): Promise<void> {
  for (const { repair: sql } of findings) {
    if (sql === null) continue;
    const statements = sql.includes("$function$") ? [sql] : sql.split(/;\n/);
    for (const statement of statements) await on.query(statement);
  }
}

test("a database that the migrations have made has no drift", async () => {
  expect(await problems(pool)).toEqual([]);
});

describe("a difference from what the migrations make is found, and its repair ends it", () => {
  test.each([
    ["COLUMN_MISSING", "ALTER TABLE millrace.audit_log DROP COLUMN before"],
    ["COLUMN_MISSING", "ALTER TABLE millrace.workers DROP COLUMN instance"],
    ["COLUMN_UNKNOWN", "ALTER TABLE millrace.waiting_jobs ADD COLUMN mine text"],
    ["COLUMN_TYPE", "ALTER TABLE millrace.job_attempts ALTER COLUMN attempt TYPE bigint"],
    ["COLUMN_NULL", "ALTER TABLE millrace.ended_jobs ALTER COLUMN queue DROP NOT NULL"],
    ["COLUMN_DEFAULT", "ALTER TABLE millrace.waiting_jobs ALTER COLUMN max_attempts SET DEFAULT 3"],
    ["COLUMN_STORAGE", "ALTER TABLE millrace.claims ALTER COLUMN ids SET STORAGE EXTENDED"],
    ["CONSTRAINT_MISSING", "ALTER TABLE millrace.ended_jobs DROP CONSTRAINT ended_jobs_state_check"],
    ["CONSTRAINT_UNKNOWN", "ALTER TABLE millrace.waiting_jobs ADD CONSTRAINT mine CHECK (priority < 5)"],
    ["CONSTRAINT_MISSING", "ALTER TABLE millrace.ended_jobs DROP CONSTRAINT ended_jobs_pkey"],
    ["INDEX_MISSING", "DROP INDEX millrace.waiting_jobs_claim_idx"],
    [
      "INDEX_DIFFERENT",
      "DROP INDEX millrace.claims_lease_idx; CREATE INDEX claims_lease_idx ON millrace.claims (worker_id)",
    ],
    ["STATISTICS_MISSING", "DROP STATISTICS millrace.ended_jobs_tags_stat"],
    ["TABLE_MISSING", "DROP TABLE millrace.job_waits"],
    ["TRIGGER_MISSING", "DROP TRIGGER refuse_job_change ON millrace.jobs"],
    [
      "TRIGGER_UNKNOWN",
      `CREATE FUNCTION public.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER mine BEFORE INSERT ON millrace.ended_jobs FOR EACH ROW EXECUTE FUNCTION public.mine()`,
    ],
    [
      "FUNCTION_DIFFERENT",
      "CREATE OR REPLACE FUNCTION millrace.uuid_v7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    ],
    ["FUNCTION_DIFFERENT", "ALTER FUNCTION millrace.insert_job() RESET search_path"],
    [
      "FUNCTION_UNKNOWN",
      "CREATE FUNCTION millrace.enqueue(type text) RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
    ],
    ["TABLE_AUTOVACUUM_OFF", "ALTER TABLE millrace.waiting_jobs SET (autovacuum_enabled = off)"],
  ])("%s: %s", async (code, damage) => {
    const own = await ownDatabase();
    await own.query(damage);

    const found = await problems(own);
    await repair(own, found);

    expect(found.map((finding) => finding.code)).toEqual([code]);
    expect(await problems(own)).toEqual([]);
  });

  test("VIEW_DIFFERENT: a view with the right columns and another query", async () => {
    const own = await ownDatabase();
    const { rows } = await own.query("SELECT pg_get_viewdef('millrace.running_jobs'::regclass) AS query");
    await own.query(
      `CREATE OR REPLACE VIEW millrace.running_jobs AS ${rows[0].query.replace(/;$/, "")} LIMIT 100`,
    );

    const found = await problems(own);
    await repair(own, found);

    expect(found).toMatchObject([{ code: "VIEW_DIFFERENT", object: "millrace.running_jobs" }]);
    expect(await problems(own)).toEqual([]);
  });

  test("missing views are made again, with their triggers", async () => {
    const own = await ownDatabase();
    await own.query("DROP VIEW millrace.jobs; DROP VIEW millrace.running_jobs");
    // Without the view the schema counts as missing, so this is compared by hand.
    const found = await compareCatalog(expectedCatalog(), await readCatalog(own), async () => null);
    await repair(own, found);

    expect(found.map(({ code, object }) => [code, object])).toEqual([
      ["VIEW_MISSING", "millrace.running_jobs"],
      ["VIEW_MISSING", "millrace.jobs"],
    ]);
    expect(await problems(own)).toEqual([]);
  });
});

describe("millrace doctor", () => {
  test("an older, newer or missing schema is a problem with exit code 1", async () => {
    const { serverUrl } = inject("millraceTestDatabase");
    const empty = await createTestDatabase({ serverUrl });
    onTestFinished(() => empty.drop());
    const env = { DATABASE_URL: empty.url };

    const missing = await runCommand(["doctor", "--json"], { env });

    expect(missing).toMatchObject({ exitCode: 1, stderr: "" });
    expect(JSON.parse(missing.stdout)).toMatchObject({
      healthy: false,
      schema: { relation: "missing" },
      findings: expect.arrayContaining([
        expect.objectContaining({
          code: "SCHEMA_MISSING",
          text: expect.stringContaining("millrace migrate"),
        }),
      ]),
    });
  });

  test.each([
    ["SCHEMA_OLDER", "DELETE FROM millrace.migrations WHERE id = (SELECT max(id) FROM millrace.migrations)"],
    ["SCHEMA_NEWER", "INSERT INTO millrace.migrations (hash, created_at) VALUES ('newer', 9999999999999)"],
  ])("%s stands alone: what differs is no drift", async (code, change) => {
    const own = await ownDatabase();
    await own.query(change);

    expect((await problems(own)).map((finding) => finding.code)).toEqual([code]);
  });

  test("people get each finding with its repair, and a summary", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["doctor"], {
      env: { DATABASE_URL: database.url },
    });

    const { findings } = await examine(pool);
    const expected = findings.some(({ severity }) => severity === "problem") ? 1 : 0;
    expect({ exitCode, stderr }).toEqual({ exitCode: expected, stderr: "" });
    for (const { severity, code, object } of findings) {
      expect(stdout).toContain(`${severity.toUpperCase()} ${code} ${object}\n`);
    }
    expect(stdout).toMatch(
      /(No problems|\d+ problems?)(, \d+ notes?)? in database millrace_test_\w+ on \S+\.\n$/,
    );
  });

  test("JSON holds every finding with a stable code", async () => {
    const { stdout } = await runCommand(["doctor", "--json"], { env: { DATABASE_URL: database.url } });

    const document = JSON.parse(stdout);
    expect(document).toEqual({
      healthy: expect.any(Boolean),
      schema: {
        ...{ relation: "same", database: expect.any(Number), release: expect.any(Number) },
        ...{ least: expect.any(Number), serves: true },
      },
      findings: expect.any(Array),
    });
    for (const finding of document.findings) {
      expect(Object.keys(finding)).toEqual(["code", "severity", "object", "text", "repair"]);
    }
  });

  test("a role without rights on others' statistics is told that it sees less", async () => {
    const role = `millrace_doctor_${Date.now().toString(36)}`;
    const own = await ownDatabase();
    await own.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    await own.query(`GRANT USAGE ON SCHEMA millrace TO ${role}`);
    await own.query(`GRANT SELECT ON ALL TABLES IN SCHEMA millrace TO ${role}`);
    onTestFinished(async () => {
      await own.query(`DROP OWNED BY ${role}`);
      await own.query(`DROP ROLE ${role}`);
    });
    const asRole = new pg.Pool({
      connectionString: String(own.options.connectionString),
      options: `-c role=${role}`,
    });
    asRole.on("error", () => undefined);
    onTestFinished(() => asRole.end());

    const { findings } = await examine(asRole);

    expect(findings.map(({ code }) => code)).toContain("CANNOT_SEE_OTHERS");
    expect(findings.filter(({ code }) => /^(VIEW|TABLE|COLUMN|INDEX)_/.test(code))).toEqual([]);
  });
});

test("the doctor changes nothing", async () => {
  const before = await pool.query("SELECT pg_current_xact_id_if_assigned() AS none, count(*) FROM pg_class");

  await cli.text(["jobs", "list"]);
  await examine(pool);

  const after = await pool.query("SELECT pg_current_xact_id_if_assigned() AS none, count(*) FROM pg_class");
  expect(after.rows).toEqual(before.rows);
});
