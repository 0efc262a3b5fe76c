import { randomBytes } from "node:crypto";
import { escapeIdentifier } from "pg";
import { databaseUrl } from "./database-url.ts";
import { WaitForError, waitFor } from "./wait-for.ts";
import { withConnection } from "./with-connection.ts";

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Removes the database, and ends every connection to the database. */
  drop(): Promise<void>;
}

/** Where to create a test database, and what to clone. */
export interface TestDatabaseOptions {
  readonly serverUrl: string;
  /**
   * A database from `prepareTemplate` to clone. Nobody may be connected to the template. Default: an empty database.
   */
  readonly template?: string;
  /**
   * A schema to look for names in, directly before `pg_catalog`: its functions take the place of PostgreSQL's own of
   * the same name. Default: none.
   */
  readonly schemaBeforeCatalog?: string;
}

/**
 * Creates a database with a random name. Any number of callers may clone the same template at once. Throws the
 * database's error.
 *
 * @example
 * const database = await createTestDatabase({ serverUrl: server.url, template });
 * await database.drop();
 */
export async function createTestDatabase({
  serverUrl,
  template,
  schemaBeforeCatalog,
}: TestDatabaseOptions): Promise<TestDatabase> {
  const name = `millrace_test_${randomBytes(8).toString("hex")}`;
  // template0 and prepared templates refuse connections, so "being accessed by other users" (55006) cannot happen. No
  // lock is needed: CREATE DATABASE locks its source in a mode that other clones share.
  const source = escapeIdentifier(template ?? "template0");
  await withConnection(serverUrl, async (client) => {
    await client.query(`create database ${escapeIdentifier(name)} template ${source}`);
    if (schemaBeforeCatalog === undefined) return;
    // A clone does not get the settings of its template.
    const path = `"$user", public, ${escapeIdentifier(schemaBeforeCatalog)}, pg_catalog`;
    await client.query(`alter database ${escapeIdentifier(name)} set search_path = ${path}`);
  });
  return { url: databaseUrl(serverUrl, name), name, drop: () => dropDatabase(serverUrl, name) };
}

/** How long a drop waits for connections that are closing, in ms. */
const GOODBYE_MS = 2_000;

/**
 * Removes a database if the database exists, and ends every connection to the database. First waits up to 2 s for pools
 * that are closing their connections: a forced end would raise an error that no listener handles.
 */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await withConnection(serverUrl, async (client) => {
    const everyoneLeft = async () =>
      (await client.query("select from pg_stat_activity where datname = $1", [name])).rowCount === 0;
    await waitFor(everyoneLeft, { description: "everyone to leave", timeoutMs: GOODBYE_MS }).catch(
      (error) => {
        if (!(error instanceof WaitForError)) throw error;
      },
    );
    await client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  });
}
