import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { readCatalog } from "../../src/catalog/read-catalog.sql.ts";
import type { Catalog } from "../../src/catalog.ts";
import { migrateRoles } from "../../src/index.ts";
import { FUNCTIONS, MILLRACE_ROLES, type MillraceRole, RELATIONS } from "../../src/role/role-rights.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let catalog: Catalog;
const pools = new Map<MillraceRole, pg.Pool>();

beforeAll(async () => {
  pool = database.pool();
  catalog = await readCatalog(pool);
  await migrateRoles(pool);
  await pool.query("CREATE SCHEMA app; CREATE TABLE app.secrets (id int)");
  for (const role of MILLRACE_ROLES) pools.set(role, database.pool({ options: `-c role=${role}` }));
});

/** The SQLSTATE with which a statement fails as a role; null if the statement succeeds. The statement is undone. */
async function refusal(role: MillraceRole, statement: string): Promise<string | null> {
  const client = await (pools.get(role) ?? pool).connect();
  try {
    await client.query("BEGIN");
    await client.query(statement);
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

/** SQLSTATE insufficient_privilege. */
const FORBIDDEN = "42501";

describe("the lists of rights", () => {
  test("have every table, view and function of the schema, and nothing else", () => {
    const functions = Object.keys(catalog.functions).map((name) => name.slice(0, name.indexOf("(")));

    expect(Object.keys(RELATIONS).sort()).toEqual(
      [...Object.keys(catalog.tables), ...Object.keys(catalog.views)].sort(),
    );
    expect(Object.keys(FUNCTIONS).sort()).toEqual(functions.sort());
  });

  test("name only columns that exist", () => {
    const unknown = Object.entries(RELATIONS).flatMap(([relation, rights]) => {
      const columns = catalog.tables[relation]?.columns ?? catalog.views[relation]?.columns ?? {};
      return Object.values(rights).flatMap(({ select, insert, update }) => {
        const read = select === undefined || select === "all" ? [] : select.only;
        return [...read, ...(insert?.only ?? []), ...(update?.only ?? [])]
          .filter((column) => !(column in columns))
          .map((column) => `${relation}.${column}`);
      });
    });

    expect(unknown).toEqual([]);
  });

  test("show a viewer no JSON but the columns of this list; decide before a new column is shown", async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT c.relname || '.' || a.attname AS name
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind IN ('r', 'v')
         AND a.atttypid IN ('jsonb'::regtype, 'jsonb[]'::regtype, 'json'::regtype, 'bytea'::regtype)
         AND has_column_privilege('millrace_viewer', c.oid, a.attnum, 'SELECT')
       ORDER BY 1`,
    );

    expect(rows.map(({ name }) => name)).toEqual([
      "audit_entries.filter",
      "claims.progress",
      "claims.settings",
      "ended_jobs.progress",
      "ended_jobs.settings",
      "job_queues.settings",
      "jobs.metadata",
      "jobs.progress",
      "jobs.settings",
      "jobs.tags",
      "running_jobs.metadata",
      "running_jobs.progress",
      "running_jobs.settings",
      "running_jobs.tags",
      // NULL for every schedule, and only whether code declared it.
      "schedule_entries.declared",
      "schedule_entries.payload",
      "waiting_jobs.progress",
      "waiting_jobs.settings",
      "workers.counts",
    ]);
  });
});

describe("no role", () => {
  const EVERYBODY = [
    "CREATE TABLE millrace.mine (id int)",
    "CREATE FUNCTION millrace.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "DROP VIEW millrace.jobs CASCADE",
    "ALTER TABLE millrace.waiting_jobs DISABLE TRIGGER ALL",
    "ALTER TABLE millrace.waiting_jobs ADD COLUMN mine int",
    "TRUNCATE millrace.waiting_jobs",
    "CREATE INDEX ON millrace.waiting_jobs (type)",
    "INSERT INTO millrace.migrations (hash, created_at) VALUES ('x', 1)",
    "DELETE FROM millrace.migrations",
    "ALTER TABLE millrace.waiting_jobs OWNER TO CURRENT_USER",
    "SELECT * FROM app.secrets",
    "CREATE ROLE mine",
    "CREATE OR REPLACE FUNCTION millrace.uuid_v7() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
  ];

  test.each(MILLRACE_ROLES.flatMap((role) => EVERYBODY.map((statement) => [role, statement] as const)))(
    "%s may %s",
    async (role, statement) => {
      expect(await refusal(role, statement)).toBe(FORBIDDEN);
    },
  );
});

describe("a role may not", () => {
  const REFUSED: readonly (readonly [MillraceRole, string])[] = [
    ["millrace_producer", "SELECT payload FROM millrace.jobs"],
    ["millrace_producer", "SELECT payload FROM millrace.waiting_jobs"],
    ["millrace_producer", "SELECT type FROM millrace.waiting_jobs"],
    ["millrace_producer", "SELECT payload FROM millrace.job_payloads"],
    ["millrace_producer", "SELECT payloads FROM millrace.claims"],
    ["millrace_producer", "SELECT output FROM millrace.ended_jobs"],
    ["millrace_producer", "SELECT last_error FROM millrace.ended_jobs"],
    ["millrace_producer", "SELECT payload FROM millrace.job_schedules"],
    ["millrace_producer", "SELECT FROM millrace.job_attempts"],
    ["millrace_producer", "SELECT FROM millrace.audit_log"],
    ["millrace_producer", "SELECT * FROM millrace.running_jobs"],
    ["millrace_producer", "UPDATE millrace.waiting_jobs SET priority = 1"],
    ["millrace_producer", "DELETE FROM millrace.waiting_jobs"],
    // A claim of the whole queue would fail.
    [
      "millrace_producer",
      "INSERT INTO millrace.waiting_jobs (type, lease_token) VALUES ('t', 9223372036854775807)",
    ],
    ["millrace_producer", "INSERT INTO millrace.waiting_jobs (type, attempts) VALUES ('t', 2147483647)"],
    ["millrace_producer", "INSERT INTO millrace.waiting_jobs (type, crashes) VALUES ('t', 1)"],
    ["millrace_producer", "SELECT id FROM millrace.waiting_jobs FOR UPDATE"],
    ["millrace_producer", "DELETE FROM millrace.job_keys"],
    ["millrace_producer", "UPDATE millrace.job_keys SET job_id = job_id"],
    ["millrace_producer", "INSERT INTO millrace.ended_jobs (id) VALUES (millrace.uuid_v7())"],
    [
      "millrace_producer",
      "INSERT INTO millrace.job_schedules (name, job_type, every_ms) VALUES ('s', 't', 1000)",
    ],
    ["millrace_producer", "INSERT INTO millrace.cancel_requests (job_id) VALUES (millrace.uuid_v7())"],
    ["millrace_producer", "SELECT millrace.cancel_job(millrace.uuid_v7())"],
    ["millrace_producer", "UPDATE millrace.job_queues SET paused_at = now()"],
    ["millrace_worker", "SELECT filter FROM millrace.audit_log"],
    ["millrace_worker", "INSERT INTO millrace.audit_log (command_id) VALUES (millrace.uuid_v7())"],
    ["millrace_worker", "UPDATE millrace.audit_log SET who = 'x'"],
    ["millrace_admin", "UPDATE millrace.audit_log SET who = 'x'"],
    ["millrace_admin", "UPDATE millrace.audit_log SET before = '[]'"],
    ["millrace_worker", "UPDATE millrace.job_queues SET paused_at = NULL"],
    ["millrace_viewer", "SELECT payload FROM millrace.jobs"],
    ["millrace_viewer", "SELECT output FROM millrace.jobs"],
    ["millrace_viewer", "SELECT * FROM millrace.jobs"],
    ["millrace_viewer", "SELECT j FROM millrace.jobs j"],
    ["millrace_viewer", "SELECT payload FROM millrace.running_jobs"],
    ["millrace_viewer", "SELECT payload FROM millrace.waiting_jobs"],
    ["millrace_viewer", "SELECT FROM millrace.waiting_jobs WHERE payload @> '{}'"],
    ["millrace_viewer", "SELECT payloads FROM millrace.claims"],
    ["millrace_viewer", "SELECT payload, output FROM millrace.ended_jobs"],
    ["millrace_viewer", "SELECT payload FROM millrace.job_payloads"],
    ["millrace_viewer", "SELECT payload FROM millrace.job_schedules"],
    ["millrace_viewer", "SELECT declared FROM millrace.job_schedules"],
    ["millrace_viewer", "SELECT before FROM millrace.audit_log"],
    ["millrace_viewer", "SELECT filter FROM millrace.audit_log"],
    ["millrace_viewer", "INSERT INTO millrace.jobs (type) VALUES ('t')"],
    ["millrace_viewer", "SELECT millrace.enqueue('t')"],
    ["millrace_viewer", "SELECT millrace.free_expired_keys('{}', '{}', NULL)"],
    ["millrace_viewer", "SELECT millrace.free_followers('{}', false)"],
    ["millrace_viewer", "DELETE FROM millrace.ended_jobs"],
    ["millrace_viewer", "UPDATE millrace.waiting_jobs SET run_at = now()"],
    ["millrace_viewer", "SELECT id FROM millrace.waiting_jobs FOR SHARE"],
    ["millrace_viewer", "SELECT millrace.retry_job(millrace.uuid_v7())"],
    ["millrace_viewer", "UPDATE millrace.job_queues SET paused_at = now()"],
    ["millrace_admin", "UPDATE millrace.claims SET lease_until = now()"],
    ["millrace_admin", "DELETE FROM millrace.claims"],
    ["millrace_admin", "DELETE FROM millrace.audit_log"],
    ["millrace_admin", "DELETE FROM millrace.workers"],
  ];

  test.each(REFUSED)("%s: %s", async (role, statement) => {
    expect(await refusal(role, statement)).toBe(FORBIDDEN);
  });
});

describe("a role may", () => {
  const ALLOWED: readonly (readonly [MillraceRole, string])[] = [
    ["millrace_producer", "SELECT millrace.enqueue('t', idempotency_key => 'k')"],
    ["millrace_producer", "INSERT INTO millrace.jobs (type) VALUES ('t') RETURNING id"],
    ["millrace_producer", "INSERT INTO millrace.jobs (type, attempts, tags) VALUES ('t', 0, '[\"a\"]')"],
    ["millrace_worker", "SELECT payload, output FROM millrace.jobs"],
    ["millrace_viewer", "SELECT id, type, state, last_error, progress, tags FROM millrace.jobs"],
    ["millrace_viewer", "SELECT filter FROM millrace.audit_entries"],
    ["millrace_viewer", "SELECT name, payload FROM millrace.schedule_entries"],
    ["millrace_viewer", "SELECT bytes FROM millrace.job_payloads"],
    ["millrace_admin", "SELECT payload FROM millrace.jobs"],
    ["millrace_admin", "SELECT millrace.cancel_job(millrace.enqueue('t'))"],
  ];

  test.each(ALLOWED)("%s: %s", async (role, statement) => {
    expect(await refusal(role, statement)).toBeNull();
  });
});

describe("the audit log for a viewer", () => {
  test("has the arguments of commands without payloads", async () => {
    const payload = { card: 1 };
    const filters = [
      { id: "i", change: { payload, priority: 1 } },
      { queue: "q", payloadContains: payload },
      { schedule: { name: "s", payload } },
      { name: "s", patch: { payload, queue: "q" } },
      { payload },
    ];
    await pool.query(
      `INSERT INTO millrace.audit_log (command_id, who, via, action, filter, changed)
       SELECT millrace.uuid_v7(), 'ada', 'test', 'change', filter, 1 FROM unnest($1::jsonb[]) AS filter`,
      [[...filters.map((filter) => JSON.stringify(filter)), '"a text"']],
    );

    const read = await pools
      .get("millrace_viewer")
      ?.query("SELECT filter FROM millrace.audit_entries ORDER BY id");

    expect(read?.rows.map(({ filter }) => filter)).toEqual([
      { id: "i", change: { priority: 1 } },
      { queue: "q" },
      { schedule: { name: "s" } },
      { name: "s", patch: { queue: "q" } },
      {},
      null,
    ]);
  });
});
