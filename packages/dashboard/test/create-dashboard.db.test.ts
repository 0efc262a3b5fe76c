import { type IncomingMessage, request } from "node:http";
import {
  createDashboard,
  type Dashboard,
  type DashboardOptions,
  serveDashboard,
  tokenAuthorize,
} from "@millrace/dashboard";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

const database = useTestDatabase();
const dashboards: Dashboard[] = [];
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool({ max: 1 });
});

afterEach(async () => {
  await Promise.all(dashboards.splice(0).map((each) => each.close()));
});

function dashboard(options: Partial<DashboardOptions> = {}): Dashboard {
  const made = createDashboard({ db: database.url, authorize: () => "all", ...options });
  dashboards.push(made);
  return made;
}

const get = (which: Dashboard, url: string, headers: Record<string, string> = {}) =>
  which(new Request(url, { headers }));

describe("a dashboard at /ops", () => {
  test("has its pages there, and the API below", async () => {
    const ops = dashboard({ basePath: "/ops" });

    const page = await get(ops, "http://localhost/ops/jobs");
    const session = await get(ops, "http://localhost/ops/api/session");

    expect(await page.text()).toContain('<meta name="millrace-base" content="/ops">');
    expect(await session.json()).toMatchObject({ who: null });
    expect((await get(ops, "http://localhost/ops/api")).status).toBe(404);
    expect((await get(ops, "http://localhost/ops/api/none")).headers.get("content-type")).toContain(
      "problem+json",
    );
  });

  test("works behind a proxy that cuts off the path", async () => {
    const ops = dashboard({ basePath: "/ops" });

    const page = await get(ops, "http://10.0.0.7:8080/jobs");
    const session = await get(ops, "http://10.0.0.7:8080/api/session");

    expect(await page.text()).toContain('<meta name="millrace-base" content="/ops">');
    expect(session.status).toBe(200);
  });

  test("sets the cookie of a login for itself alone, and for https where browsers use https", async () => {
    const token = "a-token-of-more-than-16-characters";
    const ops = dashboard({
      basePath: "/ops",
      origin: "https://ops.example.com",
      authorize: tokenAuthorize({ token }),
    });

    const login = await ops(
      new Request("http://10.0.0.7:8080/api/session/login", {
        method: "POST",
        headers: { "content-type": "application/json", origin: "https://ops.example.com" },
        body: JSON.stringify({ token }),
      }),
    );

    expect(login.status).toBe(204);
    expect(login.headers.get("set-cookie")).toMatch(/; Path=\/ops; HttpOnly; SameSite=Strict; Secure$/);
  });
});

describe("a page", () => {
  test("is for those who have access", async () => {
    const locked = dashboard({ authorize: () => null });

    expect((await get(locked, "http://localhost/jobs")).status).toBe(401);
    expect((await get(locked, "http://localhost/api/jobs")).status).toBe(401);
  });

  test("is for everybody where people log in on it, and has no data", async () => {
    const locked = dashboard({ authorize: tokenAuthorize({ token: "a-token-of-24-characters" }) });

    expect((await get(locked, "http://localhost/jobs")).status).toBe(200);
    expect((await get(locked, "http://localhost/api/jobs")).status).toBe(401);
  });

  test("is the same for everybody, and does not depend on the request", async () => {
    const open = dashboard();

    const first = await (await get(open, "http://localhost/jobs?x=<script>", { host: '"><script>' })).text();
    const second = await (await get(open, "http://localhost/")).text();

    expect(first).toBe(second);
  });
});

describe("options", () => {
  test.each([
    ["an unknown one", { basepath: "/ops" }, "did you mean `basePath`?"],
    ["a base path with a slash at its end", { basePath: "/ops/" }, "Expected `basePath` to be"],
    ["an origin with a path", { origin: "https://example.com/ops" }, "Expected `origin` to be"],
    ["an authorize that is none", { authorize: "all" }, "Expected `authorize` to be"],
  ])("%s is refused by name", (_case, options, message) => {
    const given = { db: database.url, authorize: () => "all", ...options } as unknown as DashboardOptions;

    expect(() => createDashboard(given)).toThrow(message);
  });
});

test.each([
  ["GET", "127.0.0.256", 400],
  ["POST", "127.0.0.256", 400],
  ["TRACE", "localhost", 405],
])("a %s of the host %s is answered, and does not fail", async (method, host, status) => {
  const served = await serveDashboard(dashboard({ basePath: "/ops" }), { port: 0 });
  const port = Number(new URL(served.origin).port);

  // The path is one from which a proxy has cut off the base path.
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path: "/api/jobs", method, headers: { host } }, resolve);
    sent.on("error", reject).end();
  });
  response.resume();

  expect(response.statusCode).toBe(status);
  expect(response.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  await served.close();
});

test("a closed dashboard has no connection to the database left, and answers with 503", async () => {
  const open = createDashboard({ db: database.url, authorize: () => "all" });
  await get(open, "http://localhost/api/session");
  expect(await connections()).toBeGreaterThan(0);

  await open.close();

  await waitFor(async () => (await connections()) === 0, { description: "the connections to be closed" });
  expect((await get(open, "http://localhost/api/session")).status).toBe(503);
});

test("a request that is under way at the close gets 503, and no error is reported", async () => {
  const errors: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const open = createDashboard({
    db: database.url,
    onError: (error) => void errors.push(error),
    authorize: () => gate.promise.then((): "all" => "all"),
  });
  const answer = get(open, "http://localhost/api/session");

  await open.close();
  gate.resolve();

  expect((await answer).status).toBe(503);
  expect(errors).toEqual([]);
});

/** How many connections the dashboards of this file have. */
async function connections(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'millrace-api'`,
  );
  return rows[0]?.count ?? 0;
}
