import { createHash } from "node:crypto";
import { type Client, escapeIdentifier } from "pg";
import { databaseUrl } from "./database-url.ts";
import { withConnection } from "./with-connection.ts";

/** What a template is made of. */
export interface TemplateOptions {
  /** Everyone who shares a key must pass the same URL: advisory locks belong to one database. */
  readonly serverUrl: string;
  /** Names the content. A hash of the migrations is a good key; the same key never prepares twice on a server. */
  readonly key: string;
  /** Fills the empty database at `url`, for example by migrating it, and closes its connections. */
  prepare(url: string): Promise<void>;
}

/**
 * Prepares a database once per server and key, and returns its name for `createTestDatabase`. Processes that ask at
 * the same time wait for the first; a preparation that failed or was killed starts over.
 */
export async function prepareTemplate({ serverUrl, key, prepare }: TemplateOptions): Promise<string> {
  const digest = createHash("sha256").update(key).digest();
  const name = `millrace_template_${digest.toString("hex").slice(0, 16)}`;
  await withConnection(serverUrl, async (client) => {
    // Held until the connection ends, hence also when this process is killed.
    await client.query("select pg_advisory_lock($1)", [digest.readBigInt64BE().toString()]);
    if (await databaseExists(client, name)) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${escapeIdentifier(draft)} with (force)`);
    await client.query(`create database ${escapeIdentifier(draft)} template template0`);
    await prepare(databaseUrl(serverUrl, draft));
    // The name is what marks a template as done, so it comes last. A backend may outlive its closed connection
    // for a moment; the function waits up to 5 s for each to end.
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
