import { defineConfig } from "drizzle-kit";

/** drizzle-kit reads the tables from source; `migrate` reads DATABASE_URL, `generate` needs no database. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./packages/schema/src/tables/index.ts",
  out: "./packages/schema/migrations",
  schemaFilter: ["millrace"],
  migrations: { schema: "millrace", table: "migrations" },
  dbCredentials: { url: process.env["DATABASE_URL"] ?? "" },
});
