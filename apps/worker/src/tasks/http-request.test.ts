import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type ClaimedJob, Fatal, InvalidPayloadError, type JsonValue, RetryLater } from "@millrace/queue";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { taskContext } from "../../test/task-context.ts";
import { httpRequestTask } from "./http-request.ts";
import { HttpRequestError } from "./http-request-error.ts";

interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

let server: Server;
let origin: string;
let answer: RequestListener;
let received: Received[];
const httpRequest = httpRequestTask({ httpHosts: ["127.0.0.1"] });

beforeEach(async () => {
  received = [];
  answer = (_request, response) => response.end();
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ method: request.method, path: request.url, headers: request.headers, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function request(payload: Record<string, JsonValue>, signal: AbortSignal = new AbortController().signal) {
  const job: ClaimedJob = {
    id: "01890000-0000-7000-8000-000000000001",
    queue: "default",
    type: "http.request",
    payload: { url: `${origin}/hook`, ...payload },
    leaseToken: 1,
    attempt: 1,
    maxAttempts: 3,
    crashes: 0,
  };
  return httpRequest.execute(job, taskContext(job, signal));
}

function answerWith(status: number, options: { headers?: Record<string, string>; body?: string } = {}) {
  answer = (_request, response) => response.writeHead(status, options.headers).end(options.body);
}

const failureOf = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    (value) => value,
    (error: unknown) => error,
  );

describe("http.request sends", () => {
  test("JSON with its content type, the given headers, and the job's id as idempotency key", async () => {
    await request({ method: "POST", body: { a: [1, null] }, headers: { "X-Own": "yes" } });

    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: "POST", path: "/hook", body: '{"a":[1,null]}' });
    expect(received[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "x-own": "yes",
      "user-agent": "millrace",
      "idempotency-key": "01890000-0000-7000-8000-000000000001",
    });
  });

  test("text as it is, and headers of the payload in place of its own", async () => {
    const headers = { "content-type": "text/csv", "idempotency-key": "mine", "user-agent": "me" };

    await request({ method: "PUT", body: "a,b", headers });

    expect(received[0]?.body).toBe("a,b");
    expect(received[0]?.headers).toMatchObject(headers);
  });

  test.each([
    ["no URL", { url: "" }],
    ["another protocol", { url: "file:///etc/passwd" }],
    ["a password in the URL", { url: "http://user:pw@127.0.0.1/" }],
    ["a body for GET", { method: "GET", body: "x" }],
    ["an unknown method", { method: "TRACE" }],
    ["a header that HTTP does not allow", { headers: { "a b": "c" } }],
    ["a host besides the URL's", { headers: { Host: "a.test" } }],
    ["a header that would split the request", { headers: { a: "b\r\nc: d" } }],
    ["a status that no answer has", { expectedStatus: 42 }],
    ["an unknown key", { retries: 3 }],
  ])("nothing for a payload with %s", async (_what, payload) => {
    await expect(request(payload)).rejects.toBeInstanceOf(InvalidPayloadError);

    expect(received).toEqual([]);
  });
});

describe("http.request completes", () => {
  test.each([
    [200, {}],
    [204, {}],
    [404, { expectedStatus: 404 }],
    [503, { expectedStatus: [200, 503] }],
    [302, { expectedStatus: 302 }],
  ])("on status %d for %j", async (status, payload) => {
    answerWith(status, { headers: { location: "/elsewhere" } });

    expect(await request(payload)).toEqual({ status });
    expect(received).toHaveLength(1);
  });

  test("when a GET is redirected to an expected answer", async () => {
    answer = (message, response) => {
      if (message.url === "/hook") response.writeHead(302, { location: "/there" }).end();
      else response.end();
    };

    expect(await request({})).toEqual({ status: 200 });
    expect(received.map(({ path }) => path)).toEqual(["/hook", "/there"]);
  });

  test("when the expected answer's body breaks off, since the effect has happened", async () => {
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    };

    expect(await request({ method: "POST" })).toEqual({ status: 200 });
  });

  test("without reading an endless body", async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.once("close", resolve);
        const more = () => response.write("x".repeat(65_536), more);
        more();
      };
    });

    expect(await request({})).toEqual({ status: 200 });
    await closed;
  });
});

describe("http.request fails for good", () => {
  test.each([400, 401, 404, 410, 422, 301, 304])("on status %d", async (status) => {
    answerWith(status);

    expect(await failureOf(request({ method: "POST" }))).toBeInstanceOf(Fatal);
  });

  test("on a redirect of a POST, and does not follow it", async () => {
    answerWith(302, { headers: { location: "/there" } });

    expect(await failureOf(request({ method: "POST", body: "x" }))).toBeInstanceOf(Fatal);
    expect(received.map(({ path }) => path)).toEqual(["/hook"]);
  });

  test("telling the start of the body, but neither its whole nor the query", async () => {
    answerWith(400, { body: `no such thing\u0000 ${"x".repeat(100_000)}` });

    const error = await failureOf(request({ url: `${origin}/hook?token=s3cret` }));

    expect(error).toBeInstanceOf(Fatal);
    const { message } = error as Fatal;
    expect(message).toContain(`GET ${origin}/hook answered 400 Bad Request: no such thing x`);
    expect(message).not.toContain("s3cret");
    expect(message).not.toContain("\u0000");
    expect(message.length).toBeLessThan(2_300);
  });
});

describe("http.request is retried", () => {
  test.each([408, 425, 429, 500, 502, 503])("with the usual backoff on status %d", async (status) => {
    answerWith(status, { body: "busy" });

    expect(await failureOf(request({}))).toMatchObject({ code: "HTTP_REQUEST", status });
  });

  test.each([429, 503])("after Retry-After on status %d", async (status) => {
    answerWith(status, { headers: { "retry-after": "120" } });

    const error = await failureOf(request({}));

    expect(error).toBeInstanceOf(RetryLater);
    expect(error).toMatchObject({ delayMs: 120_000 });
  });

  test("at the date of Retry-After by the server's own clock, however wrong that is", async () => {
    answerWith(503, {
      headers: { date: "Sun, 06 Nov 1994 08:49:37 GMT", "retry-after": "Sun, 06 Nov 1994 08:51:37 GMT" },
    });

    expect(await failureOf(request({}))).toMatchObject({ code: "RETRY_LATER", delayMs: 120_000 });
  });

  test("when nobody answers at the address", async () => {
    server.close();

    const error = await failureOf(request({}));

    expect(error).toBeInstanceOf(HttpRequestError);
    expect(error).toMatchObject({ status: undefined, message: expect.stringContaining("ECONNREFUSED") });
  });

  test("when the server hangs up instead of answering", async () => {
    answer = (message) => message.socket.destroy();

    expect(await failureOf(request({}))).toBeInstanceOf(HttpRequestError);
  });

  test("when there is no answer in time", async () => {
    answer = () => undefined;

    expect(await failureOf(request({ timeoutMs: 50 }))).toMatchObject({
      code: "HTTP_REQUEST",
      message: `GET ${origin}/hook: no answer within 50 ms`,
    });
  });
});

test("an aborted http.request ends with the reason of the abort and hangs up", async () => {
  const stop = new AbortController();
  const hungUp = new Promise<void>((resolve) => {
    answer = (message) => {
      message.socket.once("close", () => resolve());
      stop.abort(new Error("lease lost"));
    };
  });

  expect(await failureOf(request({}, stop.signal))).toEqual(new Error("lease lost"));
  await hungUp;
});

test("unexpected answers leave no connection behind that cannot be used again", async () => {
  answerWith(500, { body: "x".repeat(1_000) });
  const sockets = new Set<unknown>();
  server.on("request", (message) => sockets.add(message.socket));

  for (let count = 0; count < 10; count += 1) await failureOf(request({}));

  expect(received).toHaveLength(10);
  // Two, not one: fetch frees a connection shortly after the body's end.
  expect(sockets.size).toBeLessThanOrEqual(2);
});
