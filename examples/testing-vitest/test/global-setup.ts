import { databaseSetup } from "@millrace/testing/vitest";
import { Client } from "pg";
import { SHOP_TABLES } from "../src/shop.ts";

/** One PostgreSQL for the run, and a clone of a migrated database for each test file. */
export const setup = databaseSetup({
  async prepare(url) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(SHOP_TABLES);
    await client.end();
  },
});
