import { useTestDatabase } from "@millrace/testpg/vitest";
import { is } from "drizzle-orm";
import { getTableConfig, getViewConfig, PgColumn, PgDialect, PgTable, PgView } from "drizzle-orm/pg-core";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { jobs, runningJobs } from "../src/index.ts";
import * as tables from "../src/tables/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

const EXPORTS: unknown[] = Object.values(tables);
const TABLES = EXPORTS.filter((each) => is(each, PgTable)).map((table): [string, PgTable] => [
  getTableConfig(table).name,
  table,
]);

const VIEWS = EXPORTS.filter((each) => is(each, PgView)).map((view): [string, PgView] => [
  getViewConfig(view).name,
  view,
]);

/** A type as the catalog writes it. */
const inCatalog = (type: string) => type.replace("varchar", "character varying");

test("every table and view of the database is compared", async () => {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'millrace' AND table_name <> 'migrations' ORDER BY 1`,
  );

  const compared = [...TABLES, ...VIEWS].map(([name]) => name);
  expect(compared.sort()).toEqual(rows.map((row) => row.name));
});

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
      type: inCatalog(column.getSQLType()),
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

describe.each(VIEWS)("the view millrace.%s", (name, view) => {
  const config = getViewConfig(view);

  test("has the columns of the Drizzle view, in their order and of their types", async () => {
    const { rows } = await pool.query(
      `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      [`millrace.${name}`],
    );

    const declared = Object.values(config.selectedFields)
      .filter((field) => is(field, PgColumn))
      .map((column) => ({ name: column.name, type: inCatalog(column.getSQLType()) }));
    expect(rows).toEqual(declared);
  });

  test("has the query of the Drizzle view", async () => {
    if (config.query === undefined) throw new Error("the view has no query");
    const query = new PgDialect().sqlToQuery(config.query).sql;
    await pool.query(`CREATE VIEW public.${name} AS ${query}`);

    const { rows } = await pool.query(
      "SELECT pg_get_viewdef($1::regclass) AS migrated, pg_get_viewdef($2::regclass) AS declared",
      [`millrace.${name}`, `public.${name}`],
    );

    expect(rows[0].migrated).toBe(rows[0].declared);
  });
});

test("a running job's row has the columns of jobs in their order, so that jobs can take them over", () => {
  const columnsOf = (view: PgView) => Object.keys(getViewConfig(view).selectedFields);

  expect(columnsOf(runningJobs).filter((name) => name !== "claimIds")).toEqual(columnsOf(jobs));
});
