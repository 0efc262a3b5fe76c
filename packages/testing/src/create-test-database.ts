import { randomBytes } from "node:crypto";
import { escapeIdentifier } from "pg";
import { databaseUrl } from "./database-url.ts";
import { WaitForError, waitFor } from "./wait-for.ts";
import { withConnection } from "./with-connection.ts";

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Removes the database, ending whoever is connected. */
  drop(): Promise<void>;
}

/** Where to create a test database, and from what. */
export interface TestDatabaseOptions {
  readonly serverUrl: string;
  /** A database to clone, from `prepareTemplate`; nobody may be connected to it. An empty database by default. */
  readonly template?: string;
}

/** Creates a database of its own. Any number of callers may clone the same template at once. */
export async function createTestDatabase({
  serverUrl,
  template,
}: TestDatabaseOptions): Promise<TestDatabase> {
  const name = `millrace_test_${randomBytes(8).toString("hex")}`;
  // template0 and prepared templates refuse connections, so "being accessed by other users" (55006) cannot happen
  // and no lock is needed: CREATE DATABASE shares its own lock on the source with other clones.
  const source = escapeIdentifier(template ?? "template0");
  await withConnection(serverUrl, async (client) => {
    await client.query(`create database ${escapeIdentifier(name)} template ${source}`);
  });
  return { url: databaseUrl(serverUrl, name), name, drop: () => dropDatabase(serverUrl, name) };
}

/** How long a drop waits for connections that are just closing, in ms. */
const GOODBYE_MS = 2_000;

/**
 * Removes a database if it exists, ending whoever is connected. A pool that has ended may still be saying goodbye,
 * and an end by force would be an error that nobody listens for: the drop waits a moment for such connections.
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
