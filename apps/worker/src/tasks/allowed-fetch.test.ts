import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runTask } from "../../test/run-task.ts";
import type { Resolve } from "./allowed-fetch.ts";
import { httpRequestTask } from "./http-request.ts";

let server: Server;
let port: number;
let answer: RequestListener;
let paths: (string | undefined)[];

beforeEach(async () => {
  paths = [];
  answer = (_request, response) => response.end();
  server = createServer((request, response) => {
    paths.push(request.url);
    // Each request has a connection of its own, and so a look-up of its own.
    response.setHeader("connection", "close");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A name server whose answers the test says, one after the other. The last answer stays. */
function nameServer(...answers: string[][]) {
  const asked: string[] = [];
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname);
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    return (addresses ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, resolve };
}

interface Allowed {
  httpHosts: string[];
  resolve?: Resolve;
}

const get = (url: string, allowed: Allowed) => runTask(httpRequestTask(allowed), { url });

const refusal = (more: object = {}) => ({
  code: "NOT_ALLOWED",
  retryable: false,
  setting: "httpHosts",
  message: expect.stringContaining("httpHosts (MILLRACE_HTTP_HOSTS)"),
  ...more,
});

describe("http.request reaches", () => {
  test("nothing, if no host is named", async () => {
    await expect(get(`http://127.0.0.1:${port}/`, { httpHosts: [] })).rejects.toMatchObject(
      refusal({ target: "127.0.0.1" }),
    );

    expect(paths).toEqual([]);
  });

  test("an address of this machine that is named, at the named port alone", async () => {
    const httpHosts = [`127.0.0.1:${port}`];

    expect(await get(`http://127.0.0.1:${port}/a`, { httpHosts })).toEqual({ status: 200 });

    await expect(get(`http://127.0.0.1:${port + 1}/`, { httpHosts })).rejects.toMatchObject(refusal());
    expect(paths).toEqual(["/a"]);
  });

  test.each([
    ["decimal", "2130706433"],
    ["hexadecimal", "0x7f000001"],
    ["octal", "0177.0.0.1"],
    ["short", "127.1"],
    ["percent-encoded", "%31%32%37.0.0.1"],
    ["IPv4-mapped", "[::ffff:127.0.0.1]"],
    ["IPv4-compatible", "[::127.0.0.1]"],
    ["NAT64", "[64:ff9b::127.0.0.1]"],
    ["6to4", "[2002:7f00:1::]"],
    ["IPv6 loopback", "[::1]"],
    ["unspecified", "0.0.0.0"],
    ["metadata", "169.254.169.254"],
    ["metadata over IPv6", "[fd00:ec2::254]"],
  ])("no address that is not public, in its %s form, where any host is named", async (_form, host) => {
    const url = `http://${host}:${port}/`;

    await expect(get(url, { httpHosts: ["*"] })).rejects.toMatchObject(refusal());

    expect(paths).toEqual([]);
  });

  test("localhost by its own name, at the addresses that its entry has", async () => {
    const allowed = { httpHosts: [`localhost:${port}=127.0.0.0/8`] };

    expect(await get(`http://localhost:${port}/`, allowed)).toEqual({ status: 200 });
  });
});

describe("http.request checks the address that it connects to", () => {
  test.each([
    "127.0.0.1",
    "169.254.169.254",
    "10.0.0.5",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "fe80::1%lo",
    "fe80::1%br-lan",
  ])("and refuses a named host whose name server says %s", async (address) => {
    const { resolve } = nameServer([address]);
    const url = `http://hook.example:${port}/`;

    await expect(get(url, { httpHosts: ["hook.example"], resolve })).rejects.toMatchObject(
      refusal({ target: "hook.example", addresses: [address] }),
    );

    expect(paths).toEqual([]);
  });

  test("with one look-up for each connection, so a second answer comes too late", async () => {
    const { asked, resolve } = nameServer(["127.0.0.1"], ["169.254.169.254"]);
    const task = httpRequestTask({ httpHosts: [`hook.example:${port}=127.0.0.1`], resolve });
    const url = `http://hook.example:${port}/`;

    expect(await runTask(task, { url })).toEqual({ status: 200 });

    expect(asked).toEqual(["hook.example"]);
    await expect(runTask(task, { url })).rejects.toMatchObject(refusal({ addresses: ["169.254.169.254"] }));
    expect(paths).toHaveLength(1);
  });

  test("and takes only the allowed ones of several addresses", async () => {
    const { resolve } = nameServer(["169.254.169.254", "::1", "127.0.0.1"]);
    const allowed = { httpHosts: [`hook.example:${port}=127.0.0.1`], resolve };

    expect(await get(`http://hook.example:${port}/`, allowed)).toEqual({ status: 200 });
  });

  test("and lets a job whose host has no answer try again", async () => {
    const resolve: Resolve = () =>
      Promise.reject(Object.assign(new Error("getaddrinfo EAI_AGAIN"), { code: "EAI_AGAIN" }));

    await expect(get("http://hook.example/", { httpHosts: ["*"], resolve })).rejects.toMatchObject({
      code: "HTTP_REQUEST",
      message: expect.stringContaining("EAI_AGAIN"),
    });
  });
});

describe("http.request does not follow a redirect", () => {
  test.each([
    ["http://169.254.169.254/latest/meta-data/", "169.254.169.254"],
    ["http://[fd00:ec2::254]/", "fd00:ec2::254"],
    ["http://metadata.google.internal/", "metadata.google.internal"],
    ["http://2852039166/", "169.254.169.254"],
    ["//[::ffff:7f00:1]/", "::ffff:7f00:1"],
  ])("to %s", async (location, target) => {
    const { resolve } = nameServer(["127.0.0.1"], ["169.254.169.254"]);
    answer = (_request, response) => response.writeHead(302, { location }).end();
    const allowed = { httpHosts: ["*", `hook.example:${port}=127.0.0.1`], resolve };

    await expect(get(`http://hook.example:${port}/hook?key=s3cret`, allowed)).rejects.toMatchObject(
      refusal({
        target,
        message: expect.stringMatching(/^GET http:\/\/hook\.example:\d+\/hook: the host [^?]+httpHosts/),
      }),
    );

    expect(paths).toEqual(["/hook?key=s3cret"]);
  });

  test("to another host that is not named", async () => {
    answer = (_request, response) => response.writeHead(307, { location: "http://other.example/" }).end();

    await expect(
      get(`http://127.0.0.1:${port}/`, { httpHosts: [`127.0.0.1:${port}`] }),
    ).rejects.toMatchObject(refusal({ target: "other.example" }));
  });
});

describe("http.request sends the headers of its payload", () => {
  const headers = {
    authorization: "s3cret",
    cookie: "s3cret",
    "X-Api-Key": "s3cret",
    "x-vault-token": "s3cret",
    accept: "text/csv",
    "user-agent": "me",
  };
  let sent: IncomingHttpHeaders[];

  async function redirected(location: string) {
    sent = [];
    const { resolve } = nameServer(["127.0.0.1"]);
    answer = (request, response) => {
      sent.push(request.headers);
      if (request.url === "/hook") response.writeHead(302, { location });
      response.end();
    };
    const task = httpRequestTask({ httpHosts: ["*.example=127.0.0.1"], resolve });
    await runTask(task, { url: `http://hook.example:${port}/hook`, headers });
    return sent.at(-1);
  }

  test("also after a redirect to the same origin", async () => {
    expect(await redirected("/there")).toMatchObject({ "x-api-key": "s3cret", authorization: "s3cret" });
  });

  test("but no header that may carry a key after a redirect to another origin", async () => {
    const received = await redirected(`http://other.example:${port}/there`);

    expect(sent).toHaveLength(2);
    expect(received).toMatchObject({ accept: "text/csv", "user-agent": "me" });
    expect(Object.values(received ?? {})).not.toContain("s3cret");
  });
});
