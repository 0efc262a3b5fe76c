import { createHash } from "node:crypto";
import { type Client, escapeIdentifier } from "pg";
import { databaseUrl } from "./database-url.ts";
import { withConnection } from "./with-connection.ts";

/** How to make a template. */
export interface TemplateOptions {
  /** All callers that share a key must pass the same URL, because an advisory lock belongs to one database. */
  readonly serverUrl: string;
  /** Names the content, for example by a hash of the migrations. A server prepares each key once. */
  readonly key: string;
  /** Fills the empty database at `url`, for example by migrating it, and closes its own connections. */
  prepare(url: string): Promise<void>;
}

/**
 * Prepares a database once per server and key. Returns the database's name, for `createTestDatabase`. Other callers
 * wait for the first caller. If its preparation fails or is killed, the next caller prepares again.
 *
 * @example
 * const template = await prepareTemplate({ serverUrl: server.url, key: migrationsHash(), prepare: migrateDatabase });
 */
export async function prepareTemplate({ serverUrl, key, prepare }: TemplateOptions): Promise<string> {
  const digest = createHash("sha256").update(key).digest();
  const name = `millrace_template_${digest.toString("hex").slice(0, 16)}`;
  await withConnection(serverUrl, async (client) => {
    // The lock ends with the connection, even when this process is killed.
    await client.query("select pg_advisory_lock($1)", [digest.readBigInt64BE().toString()]);
    if (await databaseExists(client, name)) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${escapeIdentifier(draft)} with (force)`);
    await client.query(`create database ${escapeIdentifier(draft)} template template0`);
    await prepare(databaseUrl(serverUrl, draft));
    // The name marks a template as complete, so the rename comes last. A backend may outlive its closed connection for
    // a moment: pg_terminate_backend waits up to 5 s for each backend to end.
    await client.query(`alter database ${escapeIdentifier(draft)} with allow_connections false`);
    await client.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [
      draft,
    ]);
    await client.query(`alter database ${escapeIdentifier(draft)} rename to ${escapeIdentifier(name)}`);
  });
  return name;
}

async function databaseExists(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
  return rowCount === 1;
}
