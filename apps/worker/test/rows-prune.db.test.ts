import { Fatal, InvalidPayloadError, type JsonValue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { escapeIdentifier, type Pool } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { rowsPruneTask } from "../src/tasks/rows-prune.ts";
import { runTask } from "./run-task.ts";

const database = useTestDatabase();
let pool: Pool;
beforeAll(() => {
  pool = database.pool();
});

/** The tables of these tests, by name and column. The refused ones are named too, so that the catalog refuses them. */
const pruneTables = [
  ...["visits_timestamptz", "visits_timestamp", "visits_date", "batched", "parted", "renewed", "interrupted"],
  ...["BYSTANDER", "bystander", "public.bystander_view", '"bystander""; DROP TABLE bystander; --"'],
  ...['"public"".""bystander".bystander', "millrace.jobs", "t"],
  ...["pg_catalog.pg_stat_activity", "information_schema.tables"],
  '"Odd ""schema"."x""; DROP TABLE visits; --"."wann""?"',
];

const prune = (payload: JsonValue, signal?: AbortSignal) =>
  runTask(rowsPruneTask({ pool, pruneTables }), payload, signal);

/** Makes a table whose rows are as many days old as listed; null is a row without an instant. */
async function makeTable(
  table: string,
  options: { days: (number | null)[]; type?: string; column?: string },
) {
  const column = escapeIdentifier(options.column ?? "at");
  await pool.query(`CREATE TABLE ${table} (${column} ${options.type ?? "timestamptz"}, days int)`);
  await pool.query(
    // Days of 24 hours, as the task counts them: a calendar day has 23 or 25 where the clocks have changed.
    `INSERT INTO ${table} SELECT now() - days * interval '24 hours', days FROM unnest($1::int[]) AS days`,
    [options.days],
  );
}

async function daysLeft(table: string): Promise<(number | null)[]> {
  const { rows } = await pool.query<{ days: number | null }>(
    `SELECT days FROM ${table} ORDER BY days NULLS LAST`,
  );
  return rows.map((row) => row.days);
}

describe("rows.prune", () => {
  test.each(["timestamptz", "timestamp", "date"])(
    "deletes exactly the rows older than the age, by a %s",
    async (type) => {
      const table = `visits_${type}`;
      await makeTable(table, { days: [1, 28, 32, 400, null], type });

      expect(await prune({ table, column: "at", olderThan: "30d" })).toEqual({ deleted: 2 });

      expect(await daysLeft(table)).toEqual([1, 28, null]);
    },
  );

  test("deletes in batches until nothing that old is left", async () => {
    await makeTable("batched", { days: Array.from({ length: 25 }, (_, index) => index) });

    expect(await prune({ table: "batched", column: "at", olderThan: "3d", batchSize: 4 })).toEqual({
      deleted: 22,
    });

    expect(await daysLeft("batched")).toEqual([0, 1, 2]);
  });

  test("deletes from each partition exactly its old rows, though addresses repeat between partitions", async () => {
    await pool.query(`
      CREATE TABLE parted (at timestamptz, days int) PARTITION BY LIST (days);
      CREATE TABLE parted_even PARTITION OF parted FOR VALUES IN (0, 2, 40, 42);
      CREATE TABLE parted_odd PARTITION OF parted FOR VALUES IN (1, 3, 41, 43);
      INSERT INTO parted SELECT now() - days * interval '1 day', days
      FROM unnest(ARRAY[40, 0, 42, 2, 41, 1, 43, 3]) AS days;
      CREATE TABLE parted_batches (size int);
      CREATE FUNCTION note_batch() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO parted_batches SELECT count(*) FROM gone; RETURN NULL; END $$;
      CREATE TRIGGER note_batch AFTER DELETE ON parted REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION note_batch()`);

    expect(await prune({ table: "parted", column: "at", olderThan: "30d", batchSize: 1 })).toEqual({
      deleted: 4,
    });

    expect(await daysLeft("parted")).toEqual([0, 1, 2, 3]);
    const batches = await pool.query<{ size: number }>("SELECT size FROM parted_batches ORDER BY size");
    expect(batches.rows.map((row) => row.size)).toEqual([0, 1, 1, 1, 1]);
  });

  test("keeps a row that becomes young while it waits to delete it", async () => {
    await makeTable("renewed", { days: [40] });
    const other = await pool.connect();
    await other.query("BEGIN");
    await other.query("UPDATE renewed SET at = now()");

    const pruning = prune({ table: "renewed", column: "at", olderThan: "30d" });
    await waitFor(
      async () => {
        const { rows } = await pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      },
      { description: "the DELETE to wait for the row" },
    );
    await other.query("COMMIT");
    other.release();

    expect(await pruning).toEqual({ deleted: 0 });
    expect(await daysLeft("renewed")).toEqual([40]);
  });

  test("prunes a table whose names need quoting, and not its namesakes", async () => {
    await pool.query(`CREATE SCHEMA "Odd ""schema"`);
    const odd = `"Odd ""schema"."x""; DROP TABLE visits; --"`;
    await makeTable(odd, { days: [1, 40], column: 'wann"?' });
    await makeTable('"x""; drop table visits; --"', { days: [1, 40], column: 'wann"?' });

    const payload = {
      schema: 'Odd "schema',
      table: 'x"; DROP TABLE visits; --',
      column: 'wann"?',
      olderThan: "30d",
    };
    expect(await prune(payload)).toEqual({ deleted: 1 });

    expect(await daysLeft(odd)).toEqual([1]);
    expect(await daysLeft('"x""; drop table visits; --"')).toEqual([1, 40]);
  });

  test.each([
    ["a table that is not there", { table: 'bystander"; DROP TABLE bystander; --', column: "at" }],
    ["a column that is not there", { table: "bystander", column: 'at" < now() OR "at' }],
    ["a schema that is not there", { schema: 'public"."bystander', table: "bystander", column: "at" }],
    ["a name folded to lower case", { table: "BYSTANDER", column: "at" }],
    ["a system column", { table: "bystander", column: "ctid" }],
    ["a column of another type", { table: "bystander", column: "days" }],
    ["a view", { table: "bystander_view", column: "at" }],
    ["Millrace's own tables", { schema: "millrace", table: "jobs", column: "created_at" }],
    ["the system catalog", { schema: "pg_catalog", table: "pg_stat_activity", column: "backend_start" }],
    ["the information schema", { schema: "information_schema", table: "tables", column: "table_name" }],
  ])("refuses %s at once and deletes nothing", async (_what, names) => {
    await pool.query("DROP TABLE IF EXISTS bystander CASCADE");
    await makeTable("bystander", { days: [1, 400] });
    await pool.query("CREATE VIEW bystander_view AS SELECT * FROM bystander");

    await expect(prune({ ...names, olderThan: "1d" })).rejects.toBeInstanceOf(Fatal);

    expect(await daysLeft("bystander")).toEqual([1, 400]);
  });

  test.each([
    ["a table", { table: "secrets", column: "at" }, "public.secrets"],
    ["a table in another schema", { schema: "other", table: "batched", column: "at" }, "other.batched"],
    ["another column", { schema: 'Odd "schema', table: "x", column: "at" }, '"Odd ""schema".x'],
  ])(
    "refuses %s that the configuration does not name, and names the setting",
    async (_what, names, target) => {
      await expect(prune({ ...names, olderThan: "1d" })).rejects.toMatchObject({
        code: "NOT_ALLOWED",
        retryable: false,
        setting: "pruneTables",
        target,
        message: expect.stringContaining("pruneTables (MILLRACE_PRUNE_TABLES)"),
      });
    },
  );

  test("deletes by the column alone that the configuration names", async () => {
    await pool.query("CREATE TABLE people (born timestamptz, seen timestamptz)");
    await pool.query("INSERT INTO people VALUES (now() - interval '9000 days', now())");
    const task = rowsPruneTask({ pool, pruneTables: ["public.people.seen"] });
    const pruneBy = (column: string) => runTask(task, { table: "people", column, olderThan: "1d" });

    await expect(pruneBy("born")).rejects.toMatchObject({ code: "NOT_ALLOWED", target: "public.people" });

    expect(await pruneBy("seen")).toEqual({ deleted: 0 });
    expect((await pool.query("SELECT FROM people")).rowCount).toBe(1);
  });

  test.each([
    ["no age", { table: "t", column: "at" }],
    ["an age that is SQL", { table: "t", column: "at", olderThan: "1d' OR true --" }],
    ["a batch too large", { table: "t", column: "at", olderThan: "1d", batchSize: 10_001 }],
    ["an unknown key", { table: "t", column: "at", olderThan: "1d", where: "true" }],
  ])("refuses a payload with %s", async (_what, payload) => {
    await expect(prune(payload)).rejects.toBeInstanceOf(InvalidPayloadError);
  });

  test("stops before the next batch when it is told to, and keeps what was deleted", async () => {
    await makeTable("interrupted", { days: [10, 11, 12, 13, 14] });
    const stop = new AbortController();
    // Each DELETE waits until the test lets go of the lock.
    await pool.query(`
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
      CREATE TRIGGER wait AFTER DELETE ON interrupted FOR EACH STATEMENT EXECUTE FUNCTION wait()`);
    const gate = await pool.connect();
    await gate.query("SELECT pg_advisory_lock(7)");

    const payload = { table: "interrupted", column: "at", olderThan: "1d", batchSize: 2 };
    const pruning = prune(payload, stop.signal).catch((error) => error);
    await waitFor(
      async () => {
        const { rows } = await gate.query(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        return rows.length > 0;
      },
      { description: "the first batch to wait in its trigger" },
    );
    stop.abort(new Error("stop"));
    await gate.query("SELECT pg_advisory_unlock(7)");
    gate.release();

    expect(await pruning).toEqual(new Error("stop"));
    expect(await daysLeft("interrupted")).toHaveLength(3);
  });
});
