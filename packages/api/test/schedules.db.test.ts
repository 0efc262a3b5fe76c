import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules, type Schedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClient } from "../src/client/create-client.ts";
import type { MillraceClient } from "../src/client/millrace-client.ts";
import { type Api, createApi } from "../src/create-api.ts";

const database = useTestDatabase();
const BASE = "http://ops.test/ops/api";

let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;
let api: Api;
let client: MillraceClient;
const failures: unknown[] = [];

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
  schedules = createSchedules(pool);
  const access = {
    actions: ["schedules.create", "schedules.change", "schedules.delete", "schedules.run-now"],
  } as const;
  api = createApi({
    ...{ db: database.url, basePath: "/ops/api", authorize: () => ({ ...access, who: "eva" }) },
    ...{ redact: ["card.number"], onError: (error) => failures.push(error) },
  });
  client = createClient({ base: BASE, fetch: (url, init) => api(new Request(url, init)) });
});
beforeEach(() => pool.query("TRUNCATE millrace.job_schedules, millrace.audit_log CASCADE"));
afterEach(() => expect(failures.splice(0)).toEqual([]));
afterAll(() => api.close());

const problem = (status: number, code: string, field?: string) =>
  expect.objectContaining({
    problem: expect.objectContaining({ status, code, ...(field === undefined ? {} : { field }) }),
  });

/** A cadence that does not tick while a test runs. */
const YEARLY = "0 0 1 1 *";

describe("a schedule", () => {
  test("is created, read, changed, disabled, enabled, run and deleted, and each change is recorded", async () => {
    const created = await client.schedules.create({
      ...{ name: "nightly", jobType: "report", cron: YEARLY, timezone: "Europe/Berlin", queue: "reports" },
      ...{ maxAttempts: 4, startsAt: "2031-01-01T00:00:00.000Z", payload: '{"a": 1}' },
    });
    expect(created).toMatchObject({
      ...{ name: "nightly", payload: '{"a": 1}', startsAt: "2031-01-01T00:00:00.000Z", everyMs: null },
      ...{ description: "At 00:00, on day 1 of the month, only in January", status: "no-handler", runs: 0 },
    });
    expect(await client.schedules.get("nightly")).toEqual(created);
    expect(await client.schedules.get(created.id)).toEqual(created);

    expect(await client.schedules.update("nightly", { everyMs: 90_000 })).toMatchObject({
      ...{
        cron: null,
        everyMs: 90_000,
        description: expect.stringContaining("Every 90 s"),
        queue: "reports",
      },
    });
    expect(await client.schedules.disable("nightly")).toMatchObject({ enabled: false, status: "disabled" });
    expect(await client.schedules.enable("nightly")).toMatchObject({ enabled: true });
    const { id } = await client.schedules.runNow("nightly");
    expect(await queue.get(id)).toMatchObject({ type: "report", queue: "reports", scheduleId: created.id });
    await client.schedules.delete("nightly");
    await expect(client.schedules.get("nightly")).rejects.toEqual(problem(404, "SCHEDULE_NOT_FOUND"));

    const entries = await queue.audit();
    expect(entries.map(({ action }) => action).reverse()).toEqual(
      ["create", "update", "disable", "enable", "runNow", "delete"].map((action) => `schedules.${action}`),
    );
    for (const entry of entries) expect(entry).toMatchObject({ who: "eva", via: "millrace api", changed: 1 });
  });

  test.each([
    "a/b",
    "a%2Fb",
    "%",
    "a?b#c&d=e",
    "'; DROP TABLE millrace.job_schedules; --",
    "<script>alert(1)</script>",
    "__proto__",
    "constructor",
    "ünïcode 🙂",
    " padded ",
    "a\\b",
    "preview",
    "🙂".repeat(50),
  ])("may be named %j", async (name) => {
    await client.schedules.create({ name, jobType: "t", cron: YEARLY });

    expect(await client.schedules.get(name)).toMatchObject({ name });
    expect(await client.schedules.disable(name)).toMatchObject({ name, enabled: false });
    expect(await client.schedules.ticks(name)).toEqual({ ticks: [] });
    expect((await client.schedules.list()).schedules.map((each) => each.name)).toEqual([name]);
    await client.schedules.delete(name);
    expect(await schedules.list()).toEqual([]);
  });

  test("keeps the numbers of its payload as they are", async () => {
    const payload = '{"n": 12345678901234567890.123456789}';
    await client.schedules.create({ name: "exact", jobType: "t", cron: YEARLY, payload });
    expect(await client.schedules.get("exact")).toMatchObject({ payload });

    await client.schedules.update("exact", { payload: "98765432109876543210" });
    expect(await client.schedules.get("exact")).toMatchObject({ payload: "98765432109876543210" });
  });

  test("shows no redacted value, and its payload is not overwritten by one who has not seen it", async () => {
    const payload = { card: { number: "4111" }, to: "a" };
    await schedules.create({ name: "paid", jobType: "t", cron: YEARLY, payload });
    await schedules.create({ name: "free", jobType: "t", cron: YEARLY, payload: { to: "a" } });

    const page = await client.schedules.list();
    expect(JSON.stringify([page, await client.schedules.get("paid")])).not.toContain("4111");
    expect(page.schedules[1]?.payload).toBe('{"to": "a", "card": {"number": "[redacted]"}}');
    await expect(client.schedules.update("paid", { payload: "{}" })).rejects.toEqual(
      problem(409, "SCHEDULE_REDACTED", "payload"),
    );
    expect((await schedules.get("paid")).payload).toEqual(payload);
    expect(await client.schedules.update("paid", { priority: 3 })).toMatchObject({ priority: 3 });
    expect(await client.schedules.update("free", { payload: "{}" })).toMatchObject({ payload: "{}" });
  });

  test("that was written by hand and cannot be read is listed, with its expression as its description", async () => {
    await pool.query(
      "INSERT INTO millrace.job_schedules (name, job_type, cron_expr) VALUES ('broken', 't', '0 0 1--100000000 * *')",
    );

    expect((await client.schedules.list()).schedules).toMatchObject([
      { name: "broken", status: "invalid", description: "0 0 1--100000000 * *" },
    ]);
  });
});

describe("a schedule is refused", () => {
  test.each([
    [{ cron: "0 0 1--100000000 * *" }, 400, "INVALID_CRON", "dayOfMonth"],
    [{ cron: "* * * *" }, 400, "INVALID_CRON", "expression"],
    [{ cron: "x".repeat(101) }, 400, "INVALID_REQUEST", "cron"],
    [{ timezone: "Mars/Olympus" }, 400, "UNKNOWN_TIME_ZONE", "timezone"],
    [{ everyMs: 90_000 }, 400, "INVALID_SCHEDULE", "everyMs"],
    [{ overlap: "sometimes" }, 400, "INVALID_SCHEDULE", "overlap"],
    [{ priority: 40_000 }, 400, "INVALID_SCHEDULE", "priority"],
    [{ jobType: "a\u0000b" }, 400, "INVALID_SCHEDULE", "jobType"],
    [{ name: "a\ud800" }, 400, "INVALID_SCHEDULE", "name"],
    [{ startsAt: "0000-01-01T00:00:00Z" }, 400, "INVALID_SCHEDULE", "startsAt"],
    [{ payload: "{" }, 400, "INVALID_PAYLOAD", undefined],
    [{ unknown: 1 }, 400, "INVALID_REQUEST", "unknown"],
    [{ name: "taken" }, 409, "SCHEDULE_NAME_TAKEN", "name"],
  ])("with %j", async (wrong, status, code, field) => {
    await schedules.create({ name: "taken", jobType: "t", cron: YEARLY });
    const body = { name: "new", jobType: "t", cron: YEARLY, ...wrong };

    await expect(client.schedules.create(body)).rejects.toEqual(problem(status, code, field));
    expect(await schedules.list()).toHaveLength(1);
  });

  test("by a name that no schedule can have", async () => {
    for (const name of ["a\u0000b", "none", "x".repeat(300)]) {
      await expect(client.schedules.get(name)).rejects.toEqual(problem(404, "SCHEDULE_NOT_FOUND"));
      await expect(client.schedules.delete(name)).rejects.toEqual(problem(404, "SCHEDULE_NOT_FOUND"));
    }
  });
});

describe("the pages of schedules", () => {
  test("have every schedule once, in the order of the names, with or without the disabled ones", async () => {
    const names = Array.from({ length: 7 }, (_, n) => `schedule/${n}`);
    for (const name of names) {
      await schedules.create({ name, jobType: "t", cron: YEARLY, enabled: name !== "schedule/3" });
    }
    const all = async (enabled?: boolean) => {
      const found: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await client.schedules.list({
          limit: 2,
          ...(enabled === undefined ? {} : { enabled }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(page.schedules.length).toBeLessThanOrEqual(2);
        found.push(...page.schedules.map(({ name }) => name));
        cursor = page.next;
      }
      return found;
    };

    expect(await all()).toEqual(names);
    expect(await all(true)).toEqual(names.filter((name) => name !== "schedule/3"));
    expect(await all(false)).toEqual(["schedule/3"]);
  });

  test("continue after the longest names", async () => {
    const names = ["🙂".repeat(99), `${"🙂".repeat(99)}\u0001`, "\u0001".repeat(100)];
    for (const name of names) await schedules.create({ name, jobType: "t", cron: YEARLY });
    const found: string[] = [];

    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await client.schedules.list({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.schedules.map(({ name }) => name));
      cursor = page.next;
    }

    expect(found).toHaveLength(3);
    expect(new Set(found)).toEqual(new Set(names));
  });

  test("refuse a cursor of another list, and one that was made up", async () => {
    for (const cursor of ["x", "e30", Buffer.from('{"before":"a"}').toString("base64url"), "a.b"]) {
      await expect(client.schedules.list({ cursor })).rejects.toEqual(
        problem(400, "INVALID_CURSOR", "cursor"),
      );
    }
  });

  test("have the last ticks, with the state that each job has now", async () => {
    const { id } = await schedules.create({ name: "s", jobType: "t", cron: YEARLY });
    await schedules.create({ name: "without", jobType: "t", cron: YEARLY });
    const { id: canceled } = await queue.enqueue("t", {});
    await queue.cancel(canceled);
    const { id: running } = await queue.enqueue("t", {}, { queue: "ticks" });
    await queue.runs.claim({ workerId: "w", types: ["t"], queues: ["ticks"], limit: 1, leaseSeconds: 60 });
    const { id: queued } = await queue.enqueue("t", {});
    const gone = "0190d1a2-0000-7000-8000-000000000001";
    await pool.query(
      `INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome, job_id)
       SELECT $1, '2020-01-01Z'::timestamptz + n * interval '1 hour', outcome, job_id
       FROM unnest($2::text[], $3::uuid[]) WITH ORDINALITY AS tick(outcome, job_id, n)`,
      [
        id,
        ["enqueued", "enqueued", "duplicate", "enqueued", "overlap-skipped"],
        [canceled, running, queued, gone, null],
      ],
    );

    const { schedules: page } = await client.schedules.list();

    const states = page[0]?.ticks.map(({ jobId, jobState }) => [jobId, jobState]);
    expect(states).toEqual([
      [null, null],
      [gone, null],
      [queued, "queued"],
      [running, "running"],
      [canceled, "canceled"],
    ]);
    expect(page[1]?.ticks).toEqual([]);
    expect((await client.schedules.ticks("s", 1)).ticks).toEqual([
      {
        ...{ tickAt: "2020-01-01T05:00:00.000Z", outcome: "overlap-skipped", jobId: null, jobState: null },
        recordedAt: expect.any(String),
      },
    ]);
  });
});

describe("a preview", () => {
  test("has the cadence in words, its ticks and the changes of the clock", async () => {
    const found = await client.schedules.preview({
      cron: "30 2 * * *",
      timezone: "Europe/Berlin",
      count: 50,
    });

    expect(found.description).toBe("At 02:30");
    expect(found.lines.filter(({ kind }) => kind === "tick")).toHaveLength(50);
    expect(await client.schedules.preview({ everyMs: 90_000, count: 1 })).toMatchObject({
      lines: [{ kind: "tick", local: expect.stringMatching(/ \+00:00$/) }],
    });
  });

  test.each([
    [{ cron: "0 0 1--100000000 * *" }, "INVALID_CRON"],
    [{ cron: "0 0 30 2 *" }, "INVALID_CRON"],
    [{ cron: `${"0,".repeat(60)} * * * *` }, "INVALID_REQUEST"],
    [{ cron: YEARLY, timezone: "x".repeat(51) }, "INVALID_REQUEST"],
    [{ cron: YEARLY, timezone: "../etc/passwd" }, "UNKNOWN_TIME_ZONE"],
    [{ cron: YEARLY, count: 51 }, "INVALID_REQUEST"],
    [{ everyMs: 1 }, "INVALID_SCHEDULE"],
    [{}, "INVALID_SCHEDULE"],
  ])("of %j is refused", async (wrong, code) => {
    await expect(client.schedules.preview(wrong)).rejects.toEqual(problem(400, code));
  });
});
