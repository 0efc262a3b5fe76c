import { readFile } from "node:fs/promises";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { CATALOG_FILE, catalogText, expectedCatalog } from "../src/catalog/expected-catalog.ts";
import { readCatalog } from "../src/catalog/read-catalog.sql.ts";
import type { Catalog } from "../src/catalog.ts";

const database = useTestDatabase();

/** Without the texts of views, which releases of PostgreSQL write in different ways. */
function comparable({ tables, views, functions }: Catalog) {
  return {
    tables,
    functions,
    views: Object.entries(views).map(([name, { columns, triggers }]) => ({ name, columns, triggers })),
  };
}

test("catalog.json is what the migrations make; after a change of a migration, run `pnpm db:catalog`", async () => {
  const made = await readCatalog(database.pool());

  expect(comparable(made)).toEqual(comparable(expectedCatalog()));
});

test("the queries of the views in catalog.json are those that the migrations make", async () => {
  const pool = database.pool();
  for (const [name, view] of Object.entries(expectedCatalog().views)) {
    await pool.query(`CREATE VIEW public.${name} AS ${view.definition}`);
    const { rows } = await pool.query(
      "SELECT pg_get_viewdef($1::regclass) AS migrated, pg_get_viewdef($2::regclass) AS expected",
      [`millrace.${name}`, `public.${name}`],
    );

    expect(rows[0].expected).toBe(rows[0].migrated);
  }
});

test("catalog.json is written as the script writes it", async () => {
  expect(await readFile(CATALOG_FILE, "utf8")).toBe(catalogText(expectedCatalog()));
});
