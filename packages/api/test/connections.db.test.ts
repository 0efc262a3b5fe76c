import { createPool } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { openPool } from "../src/open-pool.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi();
const { open, send } = fixture;

/** The sessions of the API on this database. */
async function sessions(): Promise<{ state: string; application: string }[]> {
  const { rows } = await fixture.pool.query(
    `SELECT state, application_name AS application FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'millrace-api%'`,
  );
  return rows;
}

describe("the API's own connections", () => {
  test("are at most two, however many requests come at once, and each request is answered", async () => {
    let most = 0;
    let done = false;
    const counting = (async () => {
      while (!done) most = Math.max(most, (await sessions()).length);
    })();

    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, number) =>
        number % 3 === 0
          ? send("POST", "/jobs", { type: "a-job" })
          : send("GET", number % 3 === 1 ? "/jobs" : "/audit"),
      ),
    );
    done = true;
    await counting;

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(most).toBe(2);
  });

  test("are not those of the pool whose options it takes, password and all", async () => {
    const url = new URL(fixture.url);
    const given = new pg.Pool({
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      database: url.pathname.slice(1),
      password: () => decodeURIComponent(url.password),
      max: 20,
    });
    const api = open({ db: given });

    expect((await send("GET", "/jobs", undefined, { to: api })).status).toBe(200);
    expect(given.totalCount).toBe(0);
    expect((await sessions()).map(({ application }) => application)).toContain("millrace-api");
  });

  test.each([
    ["a connection string", (url: string) => url],
    ["a pool", (url: string) => createPool({ connectionString: url })],
  ])("go to the server that takes writes when %s names several", async (_what, dbOf) => {
    const { host } = new URL(fixture.url);
    // Nothing listens on port 1.
    const api = open({ db: dbOf(fixture.url.replace(host, `127.0.0.1:1,${host}`)) });

    const { status } = await send("POST", "/jobs", { type: "a-job" }, { to: api });

    expect(status).toBe(200);
  });

  test("wait for a lock for 2 s, for a connection for 5 s, and for a statement for 5 s", async () => {
    const lock = await fixture.pool.connect();
    await lock.query("BEGIN; LOCK TABLE millrace.waiting_jobs IN ACCESS EXCLUSIVE MODE");
    // Stands for any slow statement: a view whose rows take long to make.
    await fixture.pool.query("ALTER TABLE millrace.audit_log RENAME TO the_audit_log");
    await fixture.pool.query(
      "CREATE VIEW millrace.audit_log AS SELECT l.* FROM millrace.the_audit_log l, pg_sleep(60) AS slow",
    );
    const busy = open();
    const slow = open();

    const [locked, crowded, timedOut] = await Promise.all([
      Promise.all([send("GET", "/jobs"), send("POST", "/bulk/cancel", { filter: { all: true } })]),
      // Each waits for the lock for 2 s, two at a time: the last ones get no connection within 5 s.
      Promise.all(Array.from({ length: 8 }, () => send("GET", "/jobs", undefined, { to: busy }))),
      send("GET", "/audit", undefined, { to: slow }),
    ]);
    await lock.query("ROLLBACK");
    lock.release();
    await fixture.pool.query("DROP VIEW millrace.audit_log");
    await fixture.pool.query("ALTER TABLE millrace.the_audit_log RENAME TO audit_log");

    for (const { status, body, headers } of locked) {
      expect({ status, code: body.code, after: headers.get("retry-after") }).toEqual({
        ...{ status: 503, code: "LOCKED", after: "1" },
      });
    }
    const codes = crowded.map(({ status, body }) => `${status} ${body.code}`);
    expect(new Set(codes)).toEqual(new Set(["503 LOCKED", "503 API_BUSY"]));
    expect(timedOut).toMatchObject({ status: 503, body: { code: "STATEMENT_TIMEOUT" } });
    expect(timedOut.body.detail).toContain("Narrow the request");
    for (const to of [fixture.api, busy, slow]) {
      expect((await send("GET", "/jobs", undefined, { to })).status).toBe(200);
    }
  });

  test.each([
    ["?statement_timeout=0&lock_timeout=0&application_name=mine", (url: string) => url],
    ["?connect_timeout=10&statement_timeout=0", (url: string) => new pg.Pool({ connectionString: url })],
    [
      "",
      (url: string) => new pg.Pool({ connectionString: url, statement_timeout: 1, application_name: "mine" }),
    ],
  ])("have their own limits and name, whatever %j says", async (parameters, dbOf) => {
    const pool = openPool(dbOf(`${fixture.url}${parameters}`));
    const { rows } = await pool.query(
      `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
              current_setting('idle_in_transaction_session_timeout') AS idle,
              current_setting('application_name') AS name`,
    );
    await pool.end();

    expect(rows).toEqual([{ statement: "5s", lock: "2s", idle: "10s", name: "millrace-api" }]);
  });

  test("that the server cuts are replaced", async () => {
    expect((await send("GET", "/jobs")).status).toBe(200);
    await fixture.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'millrace-api'`,
    );
    await waitFor(async () => (await sessions()).length === 0, { description: "the sessions to end" });

    expect((await send("GET", "/jobs")).status).toBe(200);
  });
});

test("a database that is away: 503, with nothing of where it is", async () => {
  const api = open({ db: "postgres://ada:hunter2@127.0.0.1:1/nowhere" });
  const { status, body } = await send("GET", "/jobs", undefined, { to: api });

  expect({ status, code: body.code }).toEqual({ status: 503, code: "DATABASE_UNAVAILABLE" });
  expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|hunter2|nowhere/);
});

test("a database without the schema: 503, which says what to do", async () => {
  const url = new URL(fixture.url);
  url.pathname = "/postgres";
  const { status, body } = await send("GET", "/jobs", undefined, { to: open({ db: url.href }) });

  expect({ status, code: body.code }).toEqual({ status: 503, code: "SCHEMA_MISSING" });
  expect(body.detail).toContain("millrace migrate");
});
