import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { waitFor } from "@millrace/testpg";
import { afterEach, expect, test, vi } from "vitest";
import { toNodeHandler } from "./to-node-handler.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Listener = (incoming: IncomingMessage & Record<string, unknown>, outgoing: ServerResponse) => unknown;

async function serve(listener: Listener): Promise<string> {
  const server = createServer((incoming, outgoing) => listener(incoming as never, outgoing));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const nativeRequest = globalThis.Request;

const echo = toNodeHandler(async (request) => {
  const { pathname, search } = new URL(request.url);
  return Response.json({ method: request.method, path: `${pathname}${search}`, body: await request.text() });
});

test("a request comes with its method, address and body", async () => {
  const origin = await serve(echo);

  const response = await fetch(`${origin}/a/b%2Fc?d=1`, { method: "PATCH", body: "text" });

  expect(await response.json()).toEqual({ method: "PATCH", path: "/a/b%2Fc?d=1", body: "text" });
});

test("the address is the one before a router cut it", async () => {
  const origin = await serve((incoming, outgoing) => {
    incoming["originalUrl"] = incoming.url;
    incoming.url = "/jobs";
    return echo(incoming, outgoing);
  });

  const response = await fetch(`${origin}/ops/jobs`);

  expect(await response.json()).toMatchObject({ path: "/ops/jobs" });
});

test.each([
  ["an object", { a: 1, b: ["c"] }, '{"a":1,"b":["c"]}'],
  ["a string", "plain", "plain"],
  ["bytes", Buffer.from("bytes"), "bytes"],
])("a body that a parser has read into %s is not lost", async (_case, body, text) => {
  const origin = await serve(async (incoming, outgoing) => {
    incoming.resume();
    await new Promise((resolve) => incoming.once("end", resolve));
    incoming["body"] = body;
    return echo(incoming, outgoing);
  });

  const response = await fetch(origin, { method: "POST", body: "sent" });

  expect(await response.json()).toMatchObject({ body: text });
});

test("a stream comes as it is written, and stops when its reader is gone", async () => {
  let written: ReadableStreamDefaultController<Uint8Array> | undefined;
  let signal: AbortSignal | undefined;
  const canceled = vi.fn();
  const origin = await serve(
    toNodeHandler(async (request) => {
      signal = request.signal;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          written = controller;
        },
        cancel: canceled,
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }),
  );
  const gone = new AbortController();
  const response = await fetch(origin, { signal: gone.signal });
  const reader = response.body?.getReader();

  written?.enqueue(new TextEncoder().encode("data: 1\n\n"));
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: 1\n\n");
  expect(signal?.aborted).toBe(false);
  gone.abort();

  await waitFor(() => signal?.aborted === true, { description: "the request's signal to be aborted" });
  await waitFor(() => canceled.mock.calls.length === 1, { description: "the stream to be canceled" });
});

test("a stream does not run ahead of its reader", async () => {
  let pulled = 0;
  const chunk = new Uint8Array(1_000_000);
  const origin = await serve(
    toNodeHandler(
      async () =>
        new Response(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              pulled += 1;
              controller.enqueue(chunk);
            },
          }),
        ),
    ),
  );
  const gone = new AbortController();
  const response = await fetch(origin, { signal: gone.signal });
  const reader = response.body?.getReader();
  await reader?.read();

  // What is not read is held in the buffers of two sockets and two streams, some MB. Without a limit, it would be all.
  let before = -1;
  await waitFor(
    () => {
      const isStill = pulled === before;
      before = pulled;
      return isStill;
    },
    { description: "the stream to stand still", intervalMs: 200 },
  );
  expect(pulled).toBeLessThan(50);
  gone.abort();
});

test("the globals of the process stay as they are", () => {
  expect(globalThis.Request === nativeRequest).toBe(true);
});
