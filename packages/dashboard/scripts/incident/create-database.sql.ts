import pg from "pg";

/**
 * Creates an empty database on a server. Returns the URL of the database.
 *
 * Guarantees: not made twice; the second call fails.
 * Index: none.
 * No row: always.
 */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = name;
  return url.href;
}
