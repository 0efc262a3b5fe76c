import { describe, expect, test } from "vitest";
import { ACTIONS, type Action } from "../src/contract/session.ts";
import type { Api } from "../src/create-api.ts";
import { PERMISSIONS } from "../src/security/permissions.ts";
import { ORIGIN, useApi } from "./use-api.ts";

const ID = "00000000-0000-7000-8000-000000000000";

/** Every route, with what it asks for: written out, because a comparison with the API's own table proves nothing. */
const ROUTES: readonly [route: string, permission: "public" | "read" | "watch" | "undo" | Action][] = [
  ["GET /openapi.json", "read"],
  ["GET /session", "read"],
  ["POST /session/login", "public"],
  ["DELETE /session", "public"],
  ["GET /jobs", "read"],
  ["GET /jobs/count", "read"],
  ["GET /jobs/failures", "read"],
  ["GET /jobs/{id}", "read"],
  ["GET /jobs/{id}/explanation", "read"],
  ["POST /jobs", "jobs.enqueue"],
  ["POST /jobs/{id}/duplicate", "jobs.enqueue"],
  ["POST /jobs/{id}/cancel", "jobs.cancel"],
  ["POST /jobs/{id}/retry", "jobs.retry"],
  ["POST /jobs/{id}/run-now", "jobs.run-now"],
  ["PATCH /jobs/{id}", "jobs.change"],
  ["DELETE /jobs/{id}", "jobs.delete"],
  ["POST /bulk/retry", "jobs.retry"],
  ["POST /bulk/run-now", "jobs.run-now"],
  ["POST /bulk/cancel", "jobs.cancel"],
  ["POST /bulk/delete", "jobs.delete"],
  ["POST /jobs/{id}/watch-token", "jobs.watch"],
  ["GET /jobs/{id}/events", "watch"],
  ["GET /queues", "read"],
  ["POST /queues/{name}/pause", "queues.pause"],
  ["POST /queues/{name}/resume", "queues.pause"],
  ["PUT /queues/{name}/settings", "queues.change"],
  ["GET /schedules", "read"],
  ["GET /schedules/{name}", "read"],
  ["GET /schedules/{name}/ticks", "read"],
  ["POST /schedules", "schedules.create"],
  ["PATCH /schedules/{name}", "schedules.change"],
  ["DELETE /schedules/{name}", "schedules.delete"],
  ["POST /schedules/{name}/enable", "schedules.change"],
  ["POST /schedules/{name}/disable", "schedules.change"],
  ["POST /schedules/{name}/run-now", "schedules.run-now"],
  ["POST /schedules/preview", "read"],
  ["GET /workers", "read"],
  ["GET /stats/overview", "read"],
  ["GET /stats/history", "read"],
  ["GET /stats/snapshot-holders", "read"],
  ["GET /events", "read"],
  ["GET /audit", "read"],
  ["POST /audit/{commandId}/undo", "undo"],
];

const fixture = useApi();

test("the table of this file has every route", () => {
  expect(ROUTES.map(([route]) => route).sort()).toEqual(Object.keys(PERMISSIONS).sort());
});

/** Sends a request whose body is not valid, so that nothing is ever changed. Tells whether the body was read. */
async function ask(api: Api, route: string) {
  const [method = "", path = ""] = route.split(" ");
  let bodyRead = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        bodyRead = true;
        controller.enqueue(new TextEncoder().encode('{"no such field": 1}'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const hasBody = method !== "GET" && method !== "DELETE";
  const limit = new AbortController();
  const init = {
    method,
    headers: { "content-type": "application/json" },
    signal: limit.signal,
    duplex: "half" as const,
  };
  const target = `${ORIGIN}${path.replace(/\{(id|commandId)\}/, ID).replace("{name}", "none")}`;
  const response = await api(new Request(target, { ...init, ...(hasBody ? { body } : {}) }));
  // An event stream would not end.
  limit.abort();
  await response.body?.cancel();
  return { status: response.status, bodyRead };
}

test.each(ROUTES)("%s: %s", async (route, permission) => {
  const access = [null, "read", "all", ...ACTIONS.map((action) => ({ actions: [action] }))] as const;
  const allowed = (given: (typeof access)[number]): boolean => {
    if (permission === "public") return true;
    if (given === null) return false;
    if (permission === "read" || permission === "watch" || given === "all") return true;
    return given !== "read" && (permission === "undo" || given.actions.includes(permission));
  };

  let given: (typeof access)[number];
  const api = fixture.open({ authorize: () => given });
  for (given of access) {
    const { status, bodyRead } = await ask(api, route);
    const expected = given === null ? 401 : 403;
    const label = JSON.stringify(given);
    if (allowed(given)) expect([label, [401, 403].includes(status)]).toEqual([label, false]);
    else expect([label, status, bodyRead]).toEqual([label, expected, false]);
  }
});

describe("whatever its sender may do, a request that changes something is refused", () => {
  const WRITES = ROUTES.map(([route]) => route).filter((route) => !route.startsWith("GET"));
  const answerTo = async (route: string, headers: Record<string, string>) => {
    const [method = "", path = ""] = route.split(" ");
    const hasBody = method !== "DELETE";
    const target = `${ORIGIN}${path.replace(/\{(id|commandId)\}/, ID).replace("{name}", "none")}`;
    const response = await fixture.api(
      new Request(target, { method, headers, ...(hasBody ? { body: "{}" } : {}) }),
    );
    return [
      response.status,
      response.status === 204 ? null : ((await response.json()) as { code: string }).code,
    ];
  };

  test.each(WRITES)("%s: from a page of another origin", async (route) => {
    for (const headers of [
      { "sec-fetch-site": "cross-site", origin: ORIGIN },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ]) {
      const json = { "content-type": "application/json", ...headers };
      expect([headers, ...(await answerTo(route, json))]).toEqual([headers, 403, "CROSS_ORIGIN"]);
    }
  });

  test.each(WRITES.filter((route) => !route.startsWith("DELETE")))(
    "%s: with a body that a form can send",
    async (route) => {
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
      ]) {
        expect([type, ...(await answerTo(route, { "content-type": type }))]).toEqual([
          ...[type, 415, "UNSUPPORTED_MEDIA_TYPE"],
        ]);
      }
    },
  );
});

test.each([
  ["throws", () => Promise.reject(new Error("the secret of the identity provider"))],
  [
    "throws an error of a database",
    () => Promise.reject(Object.assign(new Error("secret"), { code: "57014" })),
  ],
  ["returns nothing", () => undefined],
  ["returns a text", () => "admin"],
  ["returns an unknown action", () => ({ actions: ["jobs.everything"] })],
  ["returns an unknown field", () => ({ actions: [], role: "admin" })],
])("an authorize that %s opens nothing, and its error is reported and not sent", async (_what, authorize) => {
  // The cast is the test: callers without types may return anything.
  const api = fixture.open({ authorize: authorize as unknown as () => null });

  for (const [method, path] of [
    ["GET", "/jobs"],
    ["POST", "/jobs"],
    ["GET", "/none"],
  ] as const) {
    const { status, body } = await fixture.send(method, path, method === "POST" ? { type: "t" } : undefined, {
      to: api,
    });
    expect({ status, code: body.code }).toEqual({ status: 500, code: "INTERNAL" });
    expect(body.detail).not.toContain("secret");
  }

  expect(fixture.reported.splice(0)).toHaveLength(3);
  expect(await fixture.queue.list()).toEqual([]);
});
