import pg from "pg";
import { databaseSetup } from "../src/vitest.ts";

/** Every test file gets a clone of a database as an application has it: Millrace's tables, and some of its own. */
export const setup = databaseSetup({
  key: "orders and notes",
  async prepare(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      "CREATE TABLE orders (id int PRIMARY KEY, placed_at timestamptz NOT NULL DEFAULT now())",
    );
    await client.query("CREATE TABLE notes (id int, at timestamptz DEFAULT CURRENT_TIMESTAMP)");
    await client.query("ALTER TABLE notes ADD COLUMN until timestamptz DEFAULT (now() + interval '1 hour')");
    await client.query(
      "CREATE FUNCTION pinned_now() RETURNS timestamptz LANGUAGE sql SET search_path = '' AS 'SELECT now()'",
    );
    await client.end();
  },
});
