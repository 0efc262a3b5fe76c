import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createQueue, type Queue } from "@millrace/queue";
import { createTestDatabase, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { usePrograms } from "./use-programs.ts";

const database = useTestDatabase();
const programs = usePrograms(database);
const startMain = programs.start;
let queue: Queue;
beforeAll(() => {
  queue = createQueue(programs.pool);
});

/** A server that answers when the test says so. */
async function holdingServer() {
  const held: ServerResponse[] = [];
  const server: Server = createServer((_request, response) => void held.push(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    asked: () => waitFor(() => held[0], { description: "a request" }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server | TcpServer): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  return address.port;
}

const finished = (id: string) =>
  waitFor(async () => ["completed", "failed"].includes((await queue.get(id)).state), {
    description: `the end of job ${id}`,
  });

describe("a worker program", () => {
  test("runs a task of its own folder and a built-in one", async () => {
    const worker = startMain({ MILLRACE_TASKS_DIR: fileURLToPath(new URL("tasks", import.meta.url)) });
    const own = await queue.enqueue("numbers.add", { numbers: [1, 2], sum: 3 });
    const builtin = await queue.enqueue("jobs.prune");

    await Promise.all([finished(own.id), finished(builtin.id)]);

    expect((await queue.get(own.id)).state).toBe("completed");
    expect((await queue.get(builtin.id)).state).toBe("completed");
    worker.child.kill("SIGTERM");
    expect(await worker.exited).toBe(0);
  });

  test("limits the runs of tasks that have no time-out, if it is told to", async () => {
    const tasks = fileURLToPath(new URL("tasks", import.meta.url));
    startMain({ MILLRACE_TASKS_DIR: tasks, MILLRACE_TIMEOUT_MS: "50" });
    const { id } = await queue.enqueue("wait.long", {}, { maxAttempts: 1 });

    await finished(id);

    expect((await queue.get(id)).lastError).toContain("longer than its time-out of 50 ms");
  });

  test.each([
    ["on", 2],
    ["off", 0],
  ])("with listen %s, keeps %i connections that listen, and runs jobs", async (listen, connections) => {
    startMain({ MILLRACE_LISTEN: listen });
    const { id } = await queue.enqueue("jobs.prune");
    await finished(id);

    const listening = async () => {
      const { rowCount } = await programs.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'",
      );
      return rowCount;
    };
    await waitFor(async () => (await listening()) === connections, { description: "the connections" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "lets a running job finish after %s and exits 0",
    async (signal) => {
      await using server = await holdingServer();
      const worker = startMain();
      const { id } = await queue.enqueue("http.request", { url: server.url });
      const response = await server.asked();

      worker.child.kill(signal);
      await worker.wrote("worker stopping");
      response.end();

      expect(await worker.exited).toBe(0);
      expect((await queue.get(id)).state).toBe("completed");
    },
  );

  test("queues a job again that does not finish in the grace period, its attempt given back, and exits 0", async () => {
    await using server = await holdingServer();
    const worker = startMain({ MILLRACE_SHUTDOWN_GRACE_MS: "0" });
    const { id } = await queue.enqueue("http.request", { url: server.url });
    await server.asked();

    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
    expect(await queue.get(id)).toMatchObject({ state: "queued", attempts: 0 });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("exits at once at a second %s, with code %d", async (signal, code) => {
    await using server = await holdingServer();
    const worker = startMain();
    const { id } = await queue.enqueue("http.request", { url: server.url });
    await server.asked();

    worker.child.kill(signal);
    await worker.wrote("worker stopping");
    // A second signal right after the first counts as the same key press, so it is repeated until it counts.
    const exitCode = await waitFor(
      () => {
        worker.child.kill(signal);
        return worker.child.exitCode;
      },
      { description: "the exit", intervalMs: 50 },
    );

    expect(exitCode).toBe(code);
    expect((await queue.get(id)).state).toBe("running");
  });

  test("never writes the password of its database, whatever happens", async () => {
    const url = new URL(database.url);
    url.password = "s3cret-w0rd";
    const worker = startMain({ MILLRACE_DATABASE_URL: url.href, MILLRACE_LOG_LEVEL: "trace" });
    await worker.wrote("worker started");
    await programs.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'millrace-%'`,
    );
    await worker.wrote("connection");

    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
    expect(worker.output()).toContain(`${url.hostname}:${url.port}${url.pathname}`);
    expect(worker.output()).not.toContain("s3cret-w0rd");
  });
});

describe("a worker's start", () => {
  test("migrates an empty database", async () => {
    const empty = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
    const worker = startMain({ MILLRACE_DATABASE_URL: empty.url });

    await worker.wrote("worker started");
    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
    await empty.drop();
  });

  test("is refused on an empty database when it may not migrate", async () => {
    const empty = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
    const worker = startMain({ MILLRACE_DATABASE_URL: empty.url }, ["--no-migrate"]);

    expect(await worker.exited).toBe(1);
    expect(worker.output()).toContain("NOT_MIGRATED");
    await empty.drop();
  });

  test("waits for a database that is away, saying so, until it is there", async () => {
    const { hostname, port } = new URL(database.url);
    let isAway = true;
    // It keeps its port meanwhile, which another program could take otherwise.
    const forward = createTcpServer((socket) => {
      if (isAway) return socket.resetAndDestroy();
      const target = connect(Number(port), hostname);
      socket.on("error", () => target.destroy()).pipe(target);
      target.on("error", () => socket.destroy()).pipe(socket);
    });
    await new Promise<void>((resolve) => forward.listen(0, "127.0.0.1", resolve));
    const url = new URL(database.url);
    url.host = `127.0.0.1:${portOf(forward)}`;

    const worker = startMain({ MILLRACE_DATABASE_URL: url.href });
    await worker.wrote("the database is away, trying again");
    isAway = false;
    await worker.wrote("worker started");
    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
    await new Promise((resolve) => forward.close(resolve));
  });

  test("that waits for its database ends with 0 at the first signal", async () => {
    const worker = startMain({ MILLRACE_DATABASE_URL: "postgres://postgres@127.0.0.1:1/nowhere" });
    await worker.wrote("the database is away, trying again");

    worker.child.kill("SIGTERM");

    expect(await worker.exited).toBe(0);
  });

  test("ends with 1 when the server has no such database, which waiting does not cure", async () => {
    const url = new URL(database.url);
    url.pathname = "/no_such_database";
    const worker = startMain({ MILLRACE_DATABASE_URL: url.href });

    expect(await worker.exited).toBe(1);
    expect(worker.output()).toContain("no_such_database");
  });

  test("ends with 2 and one message when its configuration is wrong", async () => {
    const worker = startMain({ MILLRACE_CONCURRENCY: "0", MILLRACE_QUEUE: "mail" }, ["--poll-ms=1"]);

    expect(await worker.exited).toBe(2);
    expect(worker.output().trimEnd().split("\n")).toEqual([
      "The configuration has 3 problems:",
      "  MILLRACE_QUEUE: unknown; did you mean MILLRACE_QUEUES?",
      "  MILLRACE_CONCURRENCY: expected an integer from 1 to 1000, found 0",
      "  --poll-ms: expected an integer from 100 to 60000, found 1",
    ]);
  });

  test("ends with 2 when its folder of tasks is not there", async () => {
    const worker = startMain({}, ["--tasks-dir", "/no/such/folder"]);

    expect(await worker.exited).toBe(2);
    expect(worker.output()).toContain("TASKS_DIR");
  });

  test("tells of its flags when it is asked, and does nothing else", async () => {
    const worker = startMain({ MILLRACE_DATABASE_URL: "nonsense" }, ["--help"]);

    expect(await worker.exited).toBe(0);
    expect(worker.output()).toContain("--shutdown-grace-ms <integer>");
  });
});
