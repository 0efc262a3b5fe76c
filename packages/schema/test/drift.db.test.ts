import { useTestDatabase } from "@millrace/testing/vitest";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { jobAttempts, jobHistory, jobSchedules, jobs } from "../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

const TABLES: [string, PgTable][] = [
  ["jobs", jobs],
  ["job_schedules", jobSchedules],
  ["job_attempts", jobAttempts],
  ["job_history", jobHistory],
];

describe.each(TABLES)("millrace.%s", (name, table) => {
  const config = getTableConfig(table);

  test("has the columns of the Drizzle table, of the same types and nullability", async () => {
    const { rows } = await pool.query(
      `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
              a.atthasdef AS "hasDefault"
       FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY name`,
      [`millrace.${name}`],
    );

    const declared = config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().replace("varchar", "character varying"),
      notNull: column.notNull,
      hasDefault: column.hasDefault,
    }));
    expect(rows).toEqual(declared.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  test("has the indexes and constraints of the Drizzle table, and no others", async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype <> 'n'
       UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = $1::regclass`,
      [`millrace.${name}`],
    );

    const declared = [
      ...config.indexes.map((index) => index.config.name),
      ...config.checks.map((check) => check.name),
      ...config.uniqueConstraints.map((unique) => unique.name),
      ...config.foreignKeys.map((key) => key.getName()),
      `${name}_pkey`,
    ];
    const found = new Set(rows.map((row) => row.name.replace("millrace.", "")));
    expect([...found].sort()).toEqual(declared.sort());
  });
});

test("the view of all jobs has the columns of jobs, in their order and of their types", async () => {
  const { rows } = await pool.query<{ relation: string; shape: string }>(
    `SELECT c.relname AS relation,
            string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS shape
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.oid IN ('millrace.jobs'::regclass, 'millrace.jobs'::regclass) GROUP BY 1`,
  );

  expect(rows).toHaveLength(2);
  expect(rows[0]?.shape).toBe(rows[1]?.shape);
});
