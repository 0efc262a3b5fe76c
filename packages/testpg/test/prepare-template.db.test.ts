import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  createTestDatabase,
  prepareTemplate,
  startTestServer,
  type TestDatabase,
  type TestServer,
  waitFor,
} from "../src/index.ts";
import { withConnection } from "../src/with-connection.ts";
import { packageFile, runProgram } from "./run-program.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe("prepareTemplate", () => {
  it("prepares once when two processes ask at the same time", async () => {
    const key = crypto.randomUUID();
    let name = "";
    const rival = Promise.withResolvers<ReturnType<typeof runProgram>>();

    name = await prepareTemplate({
      serverUrl: server.url,
      key,
      async prepare(url) {
        rival.resolve(
          runProgram([packageFile("test/program/prepare-template.ts"), server.url, key], process.env),
        );
        await lockAwaited();
        await createNotes(url);
      },
    });
    const program = await rival.promise;
    await program.ended;

    expect(program.output()).toBe(`name=${name}\n`);
    expect(await notesIn(await clone(name))).toBe(1);
  });

  it("starts over after a preparation that failed halfway", async () => {
    const key = crypto.randomUUID();
    const failing = prepareTemplate({
      serverUrl: server.url,
      key,
      async prepare(url) {
        await createNotes(url);
        throw new Error("migration failed");
      },
    });
    await expect(failing).rejects.toThrow("migration failed");

    const name = await prepareTemplate({ serverUrl: server.url, key, prepare: createNotes });

    expect(await notesIn(await clone(name))).toBe(1);
  });

  it("finishes although the preparation left a connection open", async () => {
    const left: pg.Client[] = [];

    const name = await prepareTemplate({
      serverUrl: server.url,
      key: crypto.randomUUID(),
      async prepare(url) {
        const client = new pg.Client(url);
        client.on("error", () => undefined);
        await client.connect();
        left.push(client);
      },
    });

    expect(left).toHaveLength(1);
    await clone(name);
  });
});

describe("createTestDatabase", () => {
  it("gives each of many simultaneous callers a database of its own", async () => {
    const template = await prepareTemplate({
      serverUrl: server.url,
      key: crypto.randomUUID(),
      prepare: createNotes,
    });

    const databases = await Promise.all(Array.from({ length: 8 }, () => clone(template)));
    await createNote(databases[0]?.url ?? "");

    expect(await Promise.all(databases.map(notesIn))).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("is empty without a template, and dropped although someone is connected", async () => {
    const database = await clone(undefined);
    const client = new pg.Client(database.url);
    client.on("error", () => undefined);
    await client.connect();

    await database.drop();

    await expect(notesIn(database)).rejects.toMatchObject({ code: "3D000" });
  });
});

async function clone(template: string | undefined): Promise<TestDatabase> {
  const database = await createTestDatabase({ serverUrl: server.url, ...(template ? { template } : {}) });
  onTestFinished(() => database.drop());
  return database;
}

function lockAwaited(): Promise<boolean> {
  return withConnection(server.url, (client) =>
    waitFor(
      async () => {
        const { rowCount } = await client.query(
          `select from pg_locks where locktype = 'advisory' and not granted
           and database = (select oid from pg_database where datname = current_database())`,
        );
        return (rowCount ?? 0) > 0;
      },
      { description: "the second process to wait for the lock" },
    ),
  );
}

async function createNotes(url: string): Promise<void> {
  await withConnection(url, (client) => client.query("create table notes as select 1 as id"));
}

async function createNote(url: string): Promise<void> {
  await withConnection(url, (client) => client.query("insert into notes values (2)"));
}

function notesIn({ url }: TestDatabase): Promise<number> {
  return withConnection(url, async (client) => (await client.query("select from notes")).rowCount ?? 0);
}
