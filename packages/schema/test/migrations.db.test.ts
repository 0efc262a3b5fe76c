import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

async function insertSchedule(name: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    "INSERT INTO millrace.job_schedules (name, job_type, cron_expr) VALUES ($1, 'report', '@daily') RETURNING id",
    [name],
  );
  return rows[0]?.id ?? "";
}

describe("the migrated tables", () => {
  test("the tables exist", async () => {
    const { rows } = await pool.query(
      `SELECT table_name FROM information_schema.tables
       WHERE table_schema = 'millrace' AND table_type = 'BASE TABLE' AND table_name <> 'migrations'
       ORDER BY table_name`,
    );

    expect(rows.map((row) => row.table_name)).toEqual([
      "audit_log",
      "cancel_requests",
      "claims",
      "ended_jobs",
      "job_attempts",
      "job_keys",
      "job_payloads",
      "job_queues",
      "job_schedule_ticks",
      "job_schedules",
      "job_waits",
      "queue_minutes",
      "view_refreshes",
      "waiting_jobs",
      "workers",
    ]);
  });

  test.each([
    [
      "a key scope that is none of the three",
      "INSERT INTO millrace.job_keys (key, job_id, scope) VALUES ('k', gen_random_uuid(), 'day')",
      "job_keys_scope_check",
    ],
    [
      "a negative jitter",
      "INSERT INTO millrace.job_schedules (name, job_type, cron_expr, jitter_ms) VALUES ('s', 't', '@daily', -1)",
      "job_schedules_jitter_check",
    ],
    [
      "a schedule that ends before it starts",
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, starts_at, ends_at)
       VALUES ('s', 't', '@daily', now(), now() - interval '1 day')`,
      "job_schedules_window_check",
    ],
    [
      "an ended job in a state that does not end it",
      `INSERT INTO millrace.ended_jobs (id, queue, type, priority, run_at, lease_token, attempts, max_attempts, crashes,
                                        created_at, ended_at, state)
       VALUES (gen_random_uuid(), 'q', 't', 0, now(), 1, 1, 3, 0, now(), now(), 'running')`,
      "ended_jobs_state_check",
    ],
    [
      "a job without attempts",
      "INSERT INTO millrace.jobs (type, max_attempts) VALUES ('t', 0)",
      "waiting_jobs_max_attempts_check",
    ],
    [
      "a schedule without attempts",
      "INSERT INTO millrace.job_schedules (name, job_type, cron_expr, max_attempts) VALUES ('n', 't', '@daily', 0)",
      "job_schedules_max_attempts_check",
    ],
    [
      "an unknown misfire policy",
      "INSERT INTO millrace.job_schedules (name, job_type, cron_expr, misfire) VALUES ('n', 't', '@daily', 'perhaps')",
      "job_schedules_misfire_check",
    ],
  ])("%s is refused", async (_what, statement, constraint) => {
    await expect(pool.query(statement)).rejects.toMatchObject({ constraint });
  });

  test.each([
    [
      "a claim without a lease",
      `INSERT INTO millrace.claims (lease_token, worker_id, queue, priority, lease_until, ids, types, payloads, run_ats,
                                    created_ats, attempts, max_attempts, crashes)
       VALUES (1, 'w', 'q', 0, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
      { code: "23502", column: "lease_until" },
    ],
    [
      "an ended job without its instant",
      `INSERT INTO millrace.ended_jobs (id, queue, type, priority, run_at, lease_token, attempts, max_attempts, crashes,
                                        created_at, ended_at, state)
       VALUES (gen_random_uuid(), 'q', 't', 0, now(), 1, 1, 3, 0, now(), NULL, 'completed')`,
      { code: "23502", column: "ended_at" },
    ],
    [
      "a state that is none of the five",
      "INSERT INTO millrace.jobs (type, state) VALUES ('t', 'sleeping')",
      { code: "22023" },
    ],
    [
      "an unknown schedule_id",
      "INSERT INTO millrace.jobs (type, schedule_id) VALUES ('t', '00000000-0000-7000-8000-000000000000')",
      { code: "23503" },
    ],
  ])("%s is refused", async (_what, statement, error) => {
    await expect(pool.query(statement)).rejects.toMatchObject(error);
  });

  test("a duplicate idempotency key is refused, and jobs without a key are not", async () => {
    await pool.query("INSERT INTO millrace.jobs (type, idempotency_key) VALUES ('t', 'order-1')");
    await pool.query("INSERT INTO millrace.jobs (type) VALUES ('t'), ('t')");

    await expect(
      pool.query("INSERT INTO millrace.jobs (type, idempotency_key) VALUES ('t', 'order-1')"),
    ).rejects.toMatchObject({ constraint: "job_keys_pkey" });
  });

  test("a duplicate schedule name is refused", async () => {
    await insertSchedule("nightly");

    await expect(insertSchedule("nightly")).rejects.toMatchObject({ constraint: "job_schedules_name_key" });
  });

  test("deleting a schedule keeps its jobs and clears their schedule_id", async () => {
    const [doomed, bystander] = [await insertSchedule("doomed"), await insertSchedule("bystander")];
    await pool.query("INSERT INTO millrace.jobs (type, schedule_id) VALUES ('kept', $1), ('other', $2)", [
      doomed,
      bystander,
    ]);

    await pool.query("DELETE FROM millrace.job_schedules WHERE id = $1", [doomed]);

    const { rows } = await pool.query(
      "SELECT type, schedule_id FROM millrace.jobs WHERE type IN ('kept', 'other') ORDER BY type",
    );
    expect(rows).toEqual([
      { type: "kept", schedule_id: null },
      { type: "other", schedule_id: bystander },
    ]);
  });

  test("an id made by the database is a UUID version 7 of the current ms", async () => {
    const clock = "floor(extract(epoch FROM clock_timestamp()) * 1000)::float8";
    const before = await pool.query<{ ms: number }>(`SELECT ${clock} AS ms`);
    const { rows } = await pool.query<{ id: string }>("SELECT millrace.uuid_v7() AS id");
    const after = await pool.query<{ ms: number }>(`SELECT ${clock} AS ms`);
    const row = rows[0] ?? { id: "" };

    expect(row.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const ms = Number.parseInt(row.id.replaceAll("-", "").slice(0, 12), 16);
    expect(ms).toBeGreaterThanOrEqual(before.rows[0]?.ms ?? Number.NaN);
    // The function rounds to the nearest ms.
    expect(ms).toBeLessThanOrEqual((after.rows[0]?.ms ?? Number.NaN) + 1);
  });
});

describe("the hot indexes, as the catalog has them", () => {
  test.each([
    ["waiting_jobs_claim_idx", "waiting_jobs", ["queue", "priority", "run_at", "id", "type"], null, false],
    ["claims_lease_idx", "claims", ["lease_until"], null, false],
    ["claims_schedule_idx", "claims", ["lease_token"], "(schedule_ids IS NOT NULL)", false],
    ["claims_pkey", "claims", ["lease_token", "id"], null, true],
    ["job_keys_pkey", "job_keys", ["key"], null, true],
  ])("%s of %s has the keys %j and the designed predicate", async (name, table, keys, predicate, unique) => {
    const { rows } = await pool.query(
      `SELECT array(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n) AS keys,
              pg_get_expr(i.indpred, i.indrelid) AS predicate, i.indisunique AS unique
       FROM pg_index i WHERE i.indexrelid = to_regclass('millrace.' || $1) AND i.indrelid = $2::regclass`,
      [name, `millrace.${table}`],
    );

    expect(rows).toEqual([{ keys, predicate, unique }]);
  });

  test("completed jobs pay for no index but the primary key, and with tags for one more", async () => {
    const { rows } = await pool.query(
      `SELECT indexname AS name, substring(indexdef FROM 'WHERE .*') AS only FROM pg_indexes
       WHERE schemaname = 'millrace' AND tablename = 'ended_jobs' ORDER BY 1`,
    );

    expect(rows).toEqual([
      { name: "ended_jobs_not_completed_idx", only: "WHERE ((state)::text <> 'completed'::text)" },
      { name: "ended_jobs_pkey", only: null },
      { name: "ended_jobs_tags_idx", only: "WHERE ((settings -> 'tags'::text) IS NOT NULL)" },
    ]);
  });
});
