import { createQueue } from "@millrace/queue";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { createTestDatabase, startPostgres } from "../src/index.ts";

const { serverUrl } = inject("millraceTestDatabase");
/** The server of these tests, as TEST_DATABASE_URL names it to a user. */
const env = { TEST_DATABASE_URL: serverUrl };

async function rowsOf(url: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement, values);
  await client.end();
  return rows;
}

const databasesNamed = (name: string) =>
  rowsOf(serverUrl, "SELECT datname FROM pg_database WHERE datname = $1", [name]);

test("databases that are created at once are apart, have Millrace's tables, and are gone when dropped", async () => {
  await using postgres = await startPostgres({ env });
  const databases = await Promise.all([1, 2, 3].map(() => postgres.createDatabase()));

  for (const [at, database] of databases.entries()) {
    const queue = createQueue(database.pool());
    for (let job = 0; job <= at; job += 1) await queue.enqueue("t");
    expect(await queue.list()).toHaveLength(at + 1);
  }
  await Promise.all(databases.map((database) => database.drop()));

  for (const { name } of databases) expect(await databasesNamed(name)).toEqual([]);
});

test("a database is dropped with its pools, also with a client that nobody released", async () => {
  const database = await createTestDatabase({ env });
  await database.pool().connect();
  const pool = database.pool();
  await pool.query("SELECT 1");

  await database.drop();
  await database.drop();

  expect(pool.ended).toBe(true);
  expect(await databasesNamed(database.name)).toEqual([]);
});

test("the application's migrations run once for a key, and their objects are in every database", async () => {
  let prepared = 0;
  const prepare = async (url: string) => {
    prepared += 1;
    await rowsOf(url, "CREATE TABLE carts (id int)");
  };
  const key = `carts ${Date.now()}`;
  await using one = await startPostgres({ env, prepare, key });
  await using other = await startPostgres({ env, prepare, key });

  const databases = await Promise.all([one, other, one].map((postgres) => postgres.createDatabase()));

  expect(prepared).toBe(1);
  for (const { url, drop } of databases) {
    expect(await rowsOf(url, "SELECT * FROM carts")).toEqual([]);
    await drop();
  }
});

test("a template without a key leaves with its server", async () => {
  let template = "";
  const prepare = async (url: string) => {
    template = new URL(url).pathname.slice(1).replace("_draft", "");
  };

  const database = await createTestDatabase({ env, prepare });
  expect(await databasesNamed(template)).toHaveLength(1);
  await database.drop();

  expect(await databasesNamed(template)).toEqual([]);
});

test("an unknown option is refused", async () => {
  await expect(startPostgres({ prepared: true } as never)).rejects.toThrow("did you mean `prepare`?");
});
