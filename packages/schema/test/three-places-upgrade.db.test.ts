import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../src/index.ts";
import { migrateTo, ONE_TABLE, shapeOf, useFreshDatabases } from "./fresh-database.ts";
import { jobsOf } from "./jobs-of.ts";
import { insertOldJobs, OLD_TYPES } from "./old-jobs.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("the migration to three places", () => {
  const databases = useFreshDatabases();

  async function oldDatabase(): Promise<pg.Pool> {
    const old = await databases.empty();
    await migrateTo(old, ONE_TABLE);
    await insertOldJobs(old);
    return old;
  }

  async function rowsOf(old: pg.Pool, query: string): Promise<Record<string, unknown>[]> {
    return (await old.query(query)).rows;
  }

  test("keeps every job once, with the same columns", async () => {
    const old = await oldDatabase();
    const before = await jobsOf(old, "all_jobs");

    await migrate(old);

    expect(before.map((job) => job.type).sort()).toEqual(OLD_TYPES);
    expect(await jobsOf(old, "jobs")).toEqual(before);
    expect(await shapeOf(old)).toEqual(await shapeOf(pool));
  });

  test("puts each job into the place of its state, and each running job into a claim of its own", async () => {
    const old = await oldDatabase();
    const before = await jobsOf(old, "all_jobs");
    const idsIn = (...states: string[]) =>
      before
        .filter((job) => states.includes(job.state))
        .map((job) => job.id)
        .sort();

    await migrate(old);

    const idsOf = async (query: string) => (await rowsOf(old, query)).map((row) => row["id"]);
    expect(await idsOf("SELECT id FROM millrace.waiting_jobs ORDER BY id")).toEqual(idsIn("queued"));
    expect(await idsOf("SELECT ids[1] AS id FROM millrace.claims ORDER BY 1")).toEqual(idsIn("running"));
    expect(await idsOf("SELECT id FROM millrace.ended_jobs ORDER BY id")).toEqual(
      idsIn("completed", "failed", "canceled"),
    );
    const lengths = await rowsOf(
      old,
      `SELECT DISTINCT open, cardinality(ids) AS ids, cardinality(payloads) AS payloads,
              coalesce(cardinality(schedule_ids), 1) AS schedules, cardinality(progress) AS progress
       FROM millrace.claims`,
    );
    expect(lengths).toEqual([{ open: null, ids: 1, payloads: 1, schedules: 1, progress: 1 }]);
  });

  test("carries keys with their scopes, and requests to cancel", async () => {
    const old = await oldDatabase();
    const keys = await rowsOf(
      old,
      `SELECT idempotency_key AS key, id AS job_id, key_scope AS scope, key_until::text AS until
       FROM millrace.jobs WHERE idempotency_key IS NOT NULL ORDER BY key`,
    );
    const requests = await rowsOf(
      old,
      `SELECT id AS job_id, cancel_requested_at::text AS requested_at
       FROM millrace.jobs WHERE cancel_requested_at IS NOT NULL ORDER BY id`,
    );

    await migrate(old);

    expect(keys.length).toBeGreaterThan(8);
    expect(
      await rowsOf(
        old,
        "SELECT key, job_id, scope, until::text AS until FROM millrace.job_keys ORDER BY key",
      ),
    ).toEqual(keys);
    expect(requests).toHaveLength(2);
    expect(
      await rowsOf(old, "SELECT job_id, requested_at::text FROM millrace.cancel_requests ORDER BY job_id"),
    ).toEqual(requests);
  });

  test("a key is taken or free afterwards as it was before", async () => {
    const old = await oldDatabase();
    const enqueueEach = `
      SELECT type, millrace.enqueue('again', idempotency_key => idempotency_key) <> id AS free
      FROM (SELECT * FROM millrace.jobs WHERE idempotency_key IS NOT NULL OFFSET 0) AS j ORDER BY type`;
    const client = await old.connect();
    await client.query("BEGIN");
    const before = (await client.query(enqueueEach)).rows;
    await client.query("ROLLBACK");
    client.release();

    await migrate(old);

    expect(new Set(before.map((row) => row.free))).toEqual(new Set([true, false]));
    expect(await rowsOf(old, enqueueEach)).toEqual(before);
  });

  test("refuses while a worker of the release before lives, names it, and changes nothing", async () => {
    const old = await oldDatabase();
    await old.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, seen_at)
       VALUES ('mail-2', '{mail}', '{}', now()), ('gone-1', '{mail}', '{}', now() - interval '31 seconds')`,
    );
    const before = [await shapeOf(old), await jobsOf(old, "all_jobs")];

    const refused = await migrate(old).catch((error: unknown) => error);
    const forced = await migrate(old, { force: true }).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "WORKERS_ALIVE", workers: [{ id: "mail-2", release: null }] });
    expect(String(refused)).toMatch(/0009_three_places.*mail-2 \(an older release\)/);
    // This migration refuses by itself, too.
    expect(forced).toMatchObject({ code: "MIGRATION_FAILED", cause: { code: "55000" } });
    expect(String(forced)).toMatch(/workers of the release before are running \(mail-2\).*; stop them/);
    expect([await shapeOf(old), await jobsOf(old, "all_jobs")]).toEqual(before);
    await old.query("UPDATE millrace.workers SET seen_at = now() - interval '31 seconds'");
    expect(await migrate(old)).toMatchObject({ applied: 6 });
  });

  test.each(["ON DELETE CASCADE", "ON DELETE SET NULL", ""])(
    "refuses while a foreign key %s references jobs, names it, and changes nothing",
    async (rule) => {
      const old = await oldDatabase();
      await old.query(`
        CREATE TABLE public.orders (job_id uuid CONSTRAINT of_job REFERENCES millrace.jobs (id) ${rule});
        INSERT INTO public.orders SELECT id FROM millrace.jobs`);
      const read = () =>
        Promise.all([shapeOf(old), jobsOf(old, "all_jobs"), rowsOf(old, "SELECT job_id FROM public.orders")]);
      const before = await read();

      const refused = await migrate(old).catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: "MIGRATION_FAILED", cause: { code: "55000" } });
      expect(String(refused)).toMatch(/foreign keys reference tables of jobs \(of_job of public.orders\)/);
      expect(await read()).toEqual(before);
    },
  );
});
