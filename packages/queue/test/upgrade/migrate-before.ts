import { readMigrationStatus } from "@millrace/schema/migrations";
import type pg from "pg";

/** Brings an empty database to where the release before a migration left it, by the statements of the migrations. */
export async function migrateBefore(pool: pg.Pool, first: string): Promise<void> {
  const { pending } = await readMigrationStatus(pool);
  const until = pending.findIndex(({ name }) => name === first);
  await pool.query(
    `CREATE SCHEMA millrace;
     CREATE TABLE millrace.migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  );
  for (const { statements, at } of pending.slice(0, until)) {
    for (const statement of statements) await pool.query(statement);
    await pool.query("INSERT INTO millrace.migrations (hash, created_at) VALUES ('of a test', $1)", [at]);
  }
}
