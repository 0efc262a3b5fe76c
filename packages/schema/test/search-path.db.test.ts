import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { migrate } from "../src/index.ts";
import { shapeOf, useFreshDatabases } from "./fresh-database.ts";

const database = useTestDatabase();

/**
 * Operators that somebody with the right to create in `public` may make. Each fits types that Millrace's SQL uses
 * better than PostgreSQL's own operator does, and would therefore be used in its place.
 */
const HOSTILE = `
  CREATE TABLE public.captured (by text);
  CREATE FUNCTION public.steal(float8, integer) RETURNS float8 LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.captured VALUES (current_user); RETURN 0; END $$;
  CREATE OPERATOR public.* (LEFTARG = float8, RIGHTARG = integer, FUNCTION = public.steal);
  CREATE FUNCTION public.steal(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.captured VALUES (current_user); RETURN false; END $$;
  CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.steal);
  CREATE FUNCTION public.steal(numeric, integer) RETURNS numeric LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.captured VALUES (current_user); RETURN 0; END $$;
  CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = public.steal);
  CREATE FUNCTION public.steal(integer, text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.captured VALUES (current_user); RETURN ''; END $$;
  CREATE OPERATOR public.|| (LEFTARG = integer, RIGHTARG = text, FUNCTION = public.steal);`;

describe("every function of the schema", () => {
  test("has a pinned search path, but for the id, which PostgreSQL puts into statements as an expression", async () => {
    const { rows } = await database.pool().query(
      `SELECT proname AS name FROM pg_proc
       WHERE pronamespace = 'millrace'::regnamespace
         AND proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp'] ORDER BY 1`,
    );

    expect(rows).toEqual([{ name: "uuid_v7" }]);
  });

  test("runs with the caller's rights, but for four", async () => {
    const { rows } = await database
      .pool()
      .query(
        "SELECT proname AS name FROM pg_proc WHERE pronamespace = 'millrace'::regnamespace AND prosecdef ORDER BY 1",
      );

    expect(rows.map(({ name }) => name)).toEqual([
      "follow_jobs",
      "free_expired_keys",
      "free_followers",
      "replace_jobs",
    ]);
  });
});

describe("hostile objects in other schemas", () => {
  const databases = useFreshDatabases();

  test.each(["public, pg_catalog", "public"])(
    "do not become a part of what migrations make in %s",
    async (path) => {
      const target = await databases.empty();
      await target.query(HOSTILE);
      const { rows } = await target.query("SELECT current_database() AS name");
      await target.query(`ALTER DATABASE "${rows[0].name}" SET search_path = ${path}`);

      await migrate(databases.connect());
      await databases.connect().query("SET search_path = pg_catalog");

      expect(await shapeOf(databases.connect())).toEqual(await shapeOf(database.pool()));
      const { rows: used } = await target.query(
        `SELECT FROM pg_depend d JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND d.refobjid = o.oid
       WHERE o.oprnamespace = 'public'::regnamespace AND d.classid <> 'pg_operator'::regclass`,
      );
      expect(used).toEqual([]);
    },
  );

  test("are not called by the id, an enqueue in SQL, an INSERT into the view, or a command", async () => {
    const target = await databases.empty();
    await migrate(target);
    await target.query(HOSTILE);

    const { rows } = await target.query(
      "SELECT millrace.enqueue('t', idempotency_key => 'k', start_within => '1 hour') AS id",
    );
    await target.query("SELECT millrace.enqueue('t', idempotency_key => 'k')");
    await target.query("INSERT INTO millrace.jobs (type, start_by) VALUES ('t', now())");
    await target.query("INSERT INTO millrace.waiting_jobs (type) VALUES ('t')");
    await target.query("SELECT millrace.cancel_job($1)", [rows[0].id]);
    await target.query("SELECT millrace.retry_job($1)", [rows[0].id]);
    await target.query("SELECT millrace.run_job_now($1)", [rows[0].id]);
    await target.query("SELECT count(*) FROM millrace.jobs");

    expect((await target.query("SELECT * FROM public.captured")).rows).toEqual([]);
  });

  test("of the temporary schema are not called, either", async () => {
    const target = await databases.empty();
    await migrate(target);
    const client = new pg.Client(target.options);
    await client.connect();
    try {
      await client.query(`
        CREATE TEMP TABLE waiting_jobs (id uuid);
        CREATE TEMP TABLE job_keys (key text);
        CREATE TEMP TABLE jobs (id uuid);
        CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'`);
      const { rows } = await client.query("SELECT millrace.enqueue('t', idempotency_key => 'k') AS id");

      const found = await client.query("SELECT id FROM millrace.jobs WHERE run_at <= now()");
      expect(found.rows).toEqual([{ id: rows[0].id }]);
      expect((await client.query("SELECT FROM pg_temp.waiting_jobs")).rowCount).toBe(0);
    } finally {
      await client.end();
    }
  });
});
