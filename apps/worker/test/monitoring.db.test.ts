import { createServer } from "node:http";
import { createQueue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import type { Program } from "./start-program.ts";
import { usePrograms } from "./use-programs.ts";

const database = useTestDatabase();
const programs = usePrograms(database);

/** Starts a worker whose port is open, and asks it. */
async function startServing(env: Record<string, string> = {}) {
  const worker = programs.start({ MILLRACE_HTTP_PORT: "0", ...env });
  const port = await portOf(worker);
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { worker, port, ask };
}

async function portOf(worker: Program): Promise<number> {
  await worker.wrote("health and metrics are served");
  const line = worker.logLine("health and metrics are served");
  if (typeof line !== "object" || line === null || !("port" in line)) throw new Error("the line has no port");
  return Number(line.port);
}

/** A server whose answer comes when the test says so. */
async function holdingServer() {
  let asked = false;
  let answer = () => {};
  const server = createServer((_request, response) => {
    asked = true;
    answer = () => response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`,
    asked: () => waitFor(() => asked, { description: "a request" }),
    answer: () => answer(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a worker is ready when it claims, and while it drains it is healthy and not ready", async () => {
  await using server = await holdingServer();
  const { worker, ask } = await startServing();
  await waitFor(async () => (await ask("/readyz")).status === 200, { description: "the worker to be ready" });
  await createQueue(programs.pool).enqueue("http.request", { url: server.url });
  await server.asked();
  const metrics = (await ask("/metrics")).text;
  expect(metrics).toMatch(/^millrace_slots_busy 1$/m);
  expect(metrics).toMatch(/^millrace_jobs_claimed_total 1$/m);
  expect(metrics).toMatch(/^millrace_database_up 1$/m);
  expect(metrics).toMatch(/^millrace_pool_connections\{pool="worker",state="busy"\} \d+$/m);
  expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);

  worker.child.kill("SIGTERM");
  await worker.wrote("worker stopping");
  const ready = await ask("/readyz");
  const live = await ask("/healthz");
  server.answer();

  expect(ready.status).toBe(503);
  expect(ready.text).toContain("is stopping");
  expect(live.status).toBe(200);
  expect(await worker.exited).toBe(0);
});

test("a worker that waits for its database is healthy, and says why it is not ready", async () => {
  const { worker, ask } = await startServing({ MILLRACE_DATABASE_URL: "postgres://app@127.0.0.1:1/app" });

  const ready = await ask("/readyz");

  expect(ready.status).toBe(503);
  expect(ready.text).toContain("ECONNREFUSED");
  expect(ready.text).toContain("no worker was started yet");
  expect((await ask("/healthz")).status).toBe(200);
  worker.child.kill("SIGTERM");
  expect(await worker.exited).toBe(0);
});

test("a worker whose port is taken does not start, and says so", async () => {
  const { port } = await startServing();

  const second = programs.start({ MILLRACE_HTTP_PORT: String(port) });

  expect(await second.exited).toBe(1);
  expect(second.errors()).toContain(`port ${port} of 127.0.0.1 is taken; choose another port`);
});
