import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type EmbeddedPostgres, startEmbeddedPostgres, testedMajor, waitFor } from "@millrace/testpg";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectClient, createPool, inTransaction, isTransient, NoPrimaryError } from "../src/index.ts";

// Two servers that know nothing of each other: which of them takes writes is a setting.
let one: EmbeddedPostgres;
let two: EmbeddedPostgres;
let admins: pg.Pool[] = [];
let pools: pg.Pool[] = [];

beforeAll(async () => {
  const start = () => startEmbeddedPostgres(testedMajor());
  [one, two] = await Promise.all([start(), start()]);
  admins = [one, two].map(({ url }) => opened(createPool({ connectionString: url, max: 1 })));
  for (const admin of admins) await admin.query("CREATE TABLE notes (id int)");
});

beforeEach(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  pools = [];
  await Promise.all([one, two].filter((server) => !isRunning(server)).map((server) => server.start()));
  await setReadOnly(one, false);
  await setReadOnly(two, false);
});

afterAll(async () => {
  await Promise.all([...pools, ...admins].map((pool) => pool.end()));
  await Promise.all([one.stop("immediate"), two.stop("immediate")]);
});

test("a connection goes to the first server of the list that takes writes", async () => {
  const pool = poolOf();
  expect(await portOf(pool)).toBe(one.port);

  await setReadOnly(one, true);
  const another = poolOf();

  expect(await portOf(another)).toBe(two.port);
});

test("after the server of the connections has gone, all new connections find the other one", async () => {
  const pool = poolOf({ max: 4 });
  const held = await Promise.all([pool.connect(), pool.connect()]);
  for (const client of held) client.release();

  await one.halt("immediate");
  const ports = await Promise.all(Array.from({ length: 4 }, () => portOnceItAnswers(pool)));

  expect(ports).toEqual([two.port, two.port, two.port, two.port]);
  await one.start();
  expect(await portOf(pool)).toBe(two.port);
});

test("a server that is silent is passed over when its time is up, by a pool and by a single client", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const connectionString = `postgres://postgres@127.0.0.1:${port},127.0.0.1:${two.port}/postgres`;
  const pool = opened(createPool({ connectionString, connectionTimeoutMillis: 1_000 }));
  pools.push(pool);

  expect(await portOnceItAnswers(pool)).toBe(two.port);

  const client = await connectClient({ connectionString, connectionTimeoutMillis: 1_000 });
  expect(client.port).toBe(two.port);
  await client.end();
  silent.close();
});

test("where no server takes writes, connecting fails with what each one said, and may be tried again", async () => {
  await setReadOnly(one, true);
  await two.halt("immediate");
  const pool = poolOf();

  const error = await pool.connect().catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(NoPrimaryError);
  expect(error).toMatchObject({
    code: "NO_PRIMARY",
    tried: [
      { server: `127.0.0.1:${one.port}`, reason: "it is a standby, or read-only" },
      { server: `127.0.0.1:${two.port}`, reason: expect.stringContaining("ECONNREFUSED") },
    ],
  });
  expect(isTransient(error)).toBe(true);
  await setReadOnly(one, false);
  expect(await portOf(pool)).toBe(one.port);
});

test("a connection to a server that was demoted is closed after a refused write, in a transaction too", async () => {
  const pool = poolOf({ max: 1 });
  expect(await portOf(pool)).toBe(one.port);
  await setReadOnly(one, true);

  const writing = inTransaction(pool, (tx) => tx.query("INSERT INTO notes VALUES (1)"));

  await expect(writing).rejects.toMatchObject({ code: "25006" });
  expect(await portOf(pool)).toBe(two.port);

  await setReadOnly(one, false);
  await setReadOnly(two, true);
  const client = await pool.connect();
  await expect(client.query("INSERT INTO notes VALUES (1)")).rejects.toMatchObject({ code: "25006" });
  client.release();
  expect(await portOf(pool)).toBe(one.port);
});

test("one server that is named with target_session_attrs=read-write is asked, too", async () => {
  await setReadOnly(one, true);
  const pool = opened(createPool({ connectionString: `${one.url}?target_session_attrs=read-write` }));
  pools.push(pool);

  await expect(pool.query("SELECT 1")).rejects.toMatchObject({ code: "NO_PRIMARY" });
});

test("with target_session_attrs=any, a standby will do", async () => {
  await setReadOnly(one, true);
  const pool = poolOf({ target: "any" });

  expect(await portOf(pool)).toBe(one.port);
});

test("an error that every server would report is reported at once", async () => {
  const url = `postgres://postgres@127.0.0.1:${one.port},127.0.0.1:${two.port}/absent`;
  const pool = opened(createPool({ connectionString: url }));
  pools.push(pool);

  await expect(pool.query("SELECT 1")).rejects.toMatchObject({ code: "3D000" });
});

test("a single client finds the server that takes writes as well", async () => {
  await setReadOnly(one, true);

  const client = await connectClient({ connectionString: listUrl("read-write") });

  expect(client.port).toBe(two.port);
  await client.end();
  await two.halt("immediate");
  await expect(connectClient({ connectionString: listUrl("read-write") })).rejects.toBeInstanceOf(
    NoPrimaryError,
  );
});

function listUrl(target: "any" | "read-write"): string {
  return `postgres://postgres@127.0.0.1:${one.port},127.0.0.1:${two.port}/postgres?target_session_attrs=${target}`;
}

function poolOf({
  max = 2,
  target = "read-write",
}: {
  max?: number;
  target?: "any" | "read-write";
} = {}): pg.Pool {
  const pool = opened(createPool({ connectionString: listUrl(target), max }));
  pools.push(pool);
  return pool;
}

/** A server that is halted cuts idle connections. */
function opened(pool: pg.Pool): pg.Pool {
  pool.on("error", () => undefined);
  return pool;
}

async function portOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ port: number }>("SELECT current_setting('port')::int AS port");
  return rows[0]?.port ?? 0;
}

/** The first statement may meet a connection of the server that has gone. */
function portOnceItAnswers(pool: pg.Pool): Promise<number> {
  return portOf(pool).catch((error: unknown) => {
    if (isTransient(error)) return portOnceItAnswers(pool);
    throw error;
  });
}

/** Makes a server refuse writes, as a standby does, or take them again. */
async function setReadOnly(server: EmbeddedPostgres, readOnly: boolean): Promise<void> {
  const client = await connectClient({ connectionString: server.url });
  try {
    await client.query("SET transaction_read_only = off");
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${readOnly ? "on" : "off"}`);
    await client.query("SELECT pg_reload_conf()");
    await waitFor(() => newSessionsAre(server, readOnly), { description: "the setting to be read again" });
  } finally {
    await client.end();
  }
}

async function newSessionsAre(server: EmbeddedPostgres, readOnly: boolean): Promise<boolean> {
  const client = await connectClient({ connectionString: server.url });
  const { rows } = await client.query("SHOW default_transaction_read_only");
  await client.end();
  return (rows[0].default_transaction_read_only === "on") === readOnly;
}

/** A halted server has no process id. */
function isRunning(server: EmbeddedPostgres): boolean {
  try {
    return server.pid > 0;
  } catch {
    return false;
  }
}
