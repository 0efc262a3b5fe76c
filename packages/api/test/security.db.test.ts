import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ORIGIN, requestOf, useApi } from "./use-api.ts";

const fixture = useApi();
const { open, send } = fixture;

const HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
};

test.each([
  ["GET", "/session", 200],
  ["GET", "/openapi.json", 200],
  ["HEAD", "/session", 200],
  ["GET", "/none", 404],
  ["POST", "/session", 405],
  ["OPTIONS", "/jobs", 405],
  ["DELETE", "/session", 204],
])(
  "%s %s: %i, with the headers of every answer, and none that opens it to other origins",
  async (method, path, status) => {
    const response = await fixture.api(requestOf(method, path));

    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject(HEADERS);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    await response.body?.cancel();
  },
);

describe("a page of another origin", () => {
  const OTHERS = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];

  test.each(OTHERS)("cannot change anything: %j", async (headers) => {
    const { id } = await fixture.queue.enqueue("a-job", {});

    for (const [method, path, body] of [
      ["POST", "/jobs", { type: "another" }],
      ["POST", `/jobs/${id}/cancel`, {}],
      ["PATCH", `/jobs/${id}`, { priority: 1 }],
      ["DELETE", `/jobs/${id}`, undefined],
      ["POST", "/bulk/delete", { filter: { all: true } }],
      ["PUT", "/queues/default/settings", { settings: { timeoutMs: 1 } }],
      ["POST", "/session/login", { token: "x" }],
      ["DELETE", "/session", undefined],
      ["POST", "/none", {}],
    ] as const) {
      const answer = await send(method, path, body, { headers });
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, "CROSS_ORIGIN"]);
    }
    expect(await fixture.queue.get(id)).toMatchObject({ state: "queued", priority: 0 });
    await fixture.queue.deleteMany({ all: true });
  });

  test("reads nothing by a cookie that a browser sends along: no answer has a CORS header", async () => {
    const { status, headers } = await send("GET", "/session", undefined, { headers: OTHERS[2] ?? {} });

    expect(status).toBe(200);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  test("nor can a form, whose body is no JSON", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const { status, body } = await send("POST", "/jobs", '{"type": "of-a-form"}', { headers: form });

    expect({ status, code: body.code }).toEqual({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
    expect(await fixture.queue.list({ type: "of-a-form" })).toEqual([]);
  });

  test("a page of the API's own origin may change everything", async () => {
    const own = [{ "sec-fetch-site": "same-origin" }, { origin: ORIGIN }, { "sec-fetch-site": "none" }];

    for (const headers of own) {
      const { status } = await send("POST", "/jobs", { type: "a-job" }, { headers });
      expect(status).toBe(200);
    }
  });
});

describe("what is too large is refused", () => {
  test("a payload of 4 MiB is taken, and a body of more than 4.5 MiB is not", async () => {
    const payload = JSON.stringify("x".repeat(4_194_302));

    expect((await send("POST", "/jobs", { type: "large", payload })).status).toBe(200);
    const more = await send("POST", "/jobs", { type: "large", payload: "x".repeat(4.5 * 1_048_576) });
    expect({ status: more.status, code: more.body.code }).toEqual({ status: 413, code: "BODY_TOO_LARGE" });
    const tooLong = await send("POST", "/jobs", { type: "large", payload: `${payload} ` });
    expect({ status: tooLong.status, field: tooLong.body.field }).toEqual({ status: 400, field: "payload" });
  });

  test("any other body of more than 256 KiB", async () => {
    const body = { filter: { errorIncludes: "x".repeat(262_144) } };
    const answer = await send("POST", "/bulk/retry", body);

    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 413,
      code: "BODY_TOO_LARGE",
    });
  });

  test("an address of more than 16 KiB", async () => {
    const answer = await send("GET", `/jobs?queue=${"x".repeat(16_384)}`);

    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 414, code: "URL_TOO_LONG" });
  });

  test.each([
    ["the body", `{"type": ${"[".repeat(40)}${"]".repeat(40)}}`],
    ["the payload", JSON.stringify({ type: "deep", payload: `${"[".repeat(501)}${"]".repeat(501)}` })],
  ])("%s, if it is nested too deep", async (_what, body) => {
    expect((await send("POST", "/jobs", body)).status).toBe(400);
  });
});

describe("mounted at a path", () => {
  test("the API answers below it, with or without a slash at the end, and nowhere else", async () => {
    const api = open({ basePath: "/ops/api" });
    const statusOf = async (path: string) => (await send("GET", path, undefined, { to: api })).status;

    expect(await statusOf("/ops/api/session")).toBe(200);
    expect(await statusOf("/ops/api/session/")).toBe(200);
    expect(await statusOf("/session")).toBe(404);
    expect(await statusOf("/ops/apis/session")).toBe(404);
    expect(await statusOf("/ops/api")).toBe(404);
    const { body } = await send("GET", "/ops/api/openapi.json", undefined, { to: api });
    expect(body.servers).toEqual([{ url: "/ops/api" }]);
  });

  test.each([["ops"], ["/ops/"], ["/"], ["/a b"], ["/a/../b"], ["/a/."], [7]])(
    "%j is no such path",
    (basePath) => {
      // The cast is the test: callers without types may give anything.
      expect(() => open({ basePath: basePath as string })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    },
  );
});

describe("options", () => {
  test.each([
    [{ authorise: () => "all" }, "authorise"],
    [{ db: 7 }, "db"],
    [{ db: "" }, "db"],
    [{ authorize: "all" }, "authorize"],
    [{ redact: ["a..b"] }, "redact"],
    [{ redact: "password" }, "redact"],
    [{ who: "" }, "who"],
    [{ onError: 1 }, "onError"],
  ])("%j is refused, and names %s", (options, field) => {
    expect(() => open(options as Parameters<typeof open>[0])).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(field) }),
    );
  });
});

test("a request without a valid address is refused, as servers make them of what clients send", async () => {
  const valid = requestOf("GET", "/jobs");
  const request = new Proxy(valid, {
    get: (target, name) => (name === "url" ? "http://127.0.0.256/jobs" : Reflect.get(target, name, target)),
  });

  const response = await fixture.api(request);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "INVALID_REQUEST" });
});

test("a method that a path does not have is told, with those it has", async () => {
  const { status, headers, body } = await send("PUT", "/jobs/count", {});

  expect({ status, allow: headers.get("allow"), code: body.code }).toEqual({
    status: 405,
    allow: "GET, PATCH, DELETE",
    code: "METHOD_NOT_ALLOWED",
  });
});

test("after its close, the API answers 503, and a second close does nothing", async () => {
  const api = open();
  expect((await send("GET", "/session", undefined, { to: api })).status).toBe(200);

  await api.close();
  await api.close();

  const { status, body } = await send("GET", "/session", undefined, { to: api });
  expect({ status, code: body.code }).toEqual({ status: 503, code: "API_CLOSED" });
});

describe("an error that nobody expected", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is reported with the id that the answer has, and its text is not sent", async () => {
    const told: unknown[] = [];
    const authorize = () => Promise.reject(new Error("password=hunter2"));
    const api = open({ authorize, onError: (error, about) => told.push([error, about.requestId]) });

    const { status, body } = await send("GET", "/session", undefined, { to: api });

    expect(status).toBe(500);
    const cause = expect.objectContaining({ message: "password=hunter2" });
    expect(told).toEqual([
      [expect.objectContaining({ code: "AUTHORIZE_FAILED", cause }), expect.stringMatching(/^[\w-]{36}$/)],
    ]);
    expect(body.detail).toContain((told[0] as [unknown, string])[1]);
    expect(JSON.stringify(body)).not.toContain("hunter2");
  });

  test("does not end in an error, even if it cannot be reported", async () => {
    const fail = () => {
      throw new Error("x");
    };

    const { status } = await send("GET", "/session", undefined, {
      to: open({ authorize: fail, onError: fail }),
    });

    expect(status).toBe(500);
  });
});
