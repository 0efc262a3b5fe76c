import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { migrateRoles } from "@millrace/schema/migrations";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Api } from "../src/create-api.ts";
import { PERMISSIONS, type RouteName } from "../src/security/permissions.ts";
import { claimed } from "./claimed-jobs.ts";
import { type Answer, useApi } from "./use-api.ts";

const ops = useApi();

const SECRET = "4929-1183-7742";

/** What the tests read: a job in each state, a schedule with a tick, and entries of the audit log. */
const made = { queued: "", running: "", completed: "", failed: "", schedule: "nightly" };

beforeAll(async () => {
  await migrateRoles(ops.pool);
});

// A test changes and deletes what it finds.
beforeEach(async () => {
  const { pool } = ops;
  await pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_queues, millrace.job_schedules, millrace.audit_log CASCADE`,
  );
  const audit = { who: "ada", via: "test" };
  const queue = createQueue(pool, { audit });
  const schedules = createSchedules(pool, { audit });
  const payload = { card: SECRET, filler: "x".repeat(3_000) };
  for (const state of ["completed", "failed", "running", "queued"] as const) {
    const job = { queue: state, maxAttempts: 1, tags: ["shop"], metadata: { order: 7 } };
    made[state] = (await queue.enqueue("charge", payload, job)).id;
    if (state === "queued") continue;
    const [run] = await claimed(queue, state);
    const lease = { id: made[state], leaseToken: run?.leaseToken ?? 0 };
    if (state === "running") await pool.query(`UPDATE millrace.claims SET progress = '{"{\\"done\\": 3}"}'`);
    if (state === "completed") await queue.runs.complete([{ ...lease, output: JSON.stringify(payload) }]);
    if (state === "failed") await queue.runs.fail([{ ...lease, error: "declined", retryInMs: null }]);
  }
  await queue.change(made.queued, { payload: { card: SECRET, n: 2 } });
  await queue.cancelMany({ payloadContains: { card: `${SECRET}0` } });
  await schedules.create({ name: made.schedule, jobType: "charge", cron: "0 2 * * *", payload });
  await schedules.update(made.schedule, { payload: { card: SECRET } });
  await schedules.runNow(made.schedule);
});

/** An API whose connections have a role. */
function apiAs(role: string): Api {
  const url = new URL(ops.url);
  url.searchParams.set("options", `-c role=${role}`);
  return ops.open({ db: url.href });
}

/** The routes of a method, with the ids of what the tests have made in place of the parts in braces. */
function paths(...methods: string[]): { route: RouteName; method: string; path: string }[] {
  return (Object.keys(PERMISSIONS) as RouteName[]).flatMap((route) => {
    const [method = "", path = ""] = route.split(" ");
    if (!methods.includes(method)) return [];
    const name = path.startsWith("/schedules") ? made.schedule : "failed";
    return [{ route, method, path: path.replace("{id}", made.failed).replace("{name}", name) }];
  });
}

describe("an API with the role of viewers", () => {
  const get = (path: string, to: Api): Promise<Answer> => ops.send("GET", path, undefined, { to });

  test("answers every route that reads, and sends no payload and no output", async () => {
    const api = apiAs("millrace_viewer");
    // An event stream is read elsewhere: it would never end here.
    const reads = paths("GET").filter(({ path }) => !path.endsWith("/events"));

    const answers = await Promise.all(
      reads.map(async ({ route, path }) => ({ route, ...(await get(path, api)) })),
    );

    expect(reads.length).toBeGreaterThan(14);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(JSON.stringify(answers)).not.toContain(SECRET);
  });

  test.each(["queued", "running", "completed", "failed"] as const)(
    "shows a %s job with all but its payload and output",
    async (state) => {
      const api = apiAs("millrace_viewer");

      const { status, body } = await get(`/jobs/${made[state]}`, api);

      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ state, type: "charge", tags: ["shop"], metadata: '{"order":7}', payloadPreview: null },
        payload: '"[hidden]"',
        output: state === "completed" ? '"[hidden]"' : null,
        progress: state === "running" ? '{"done": 3}' : null,
        error: state === "failed" ? "declined" : null,
        redacted: ["payload", "output"],
      });
      expect((await get(`/jobs/${made[state]}/explanation`, api)).status).toBe(200);
    },
  );

  test("follows a job and the overview", async () => {
    const api = apiAs("millrace_viewer");
    const stream = new AbortController();
    for (const path of [`/jobs/${made.failed}/events`, "/events"]) {
      const request = new Request(`https://ops.example.com${path}`, { signal: stream.signal });
      const response = await api(request);
      const first = await response.body?.getReader().read();

      expect(response.status).toBe(200);
      expect(new TextDecoder().decode(first?.value)).not.toContain(SECRET);
    }
    stream.abort();
  });

  test("shows schedules and the audit log without payloads", async () => {
    const api = apiAs("millrace_viewer");

    const { body: schedule } = await get(`/schedules/${made.schedule}`, api);
    const { body: log } = await get("/audit", api);

    expect(schedule).toMatchObject({ name: made.schedule, payload: '"[hidden]"', declared: false });
    expect(
      log.entries.map(({ action, filter, before }: Record<string, unknown>) => [action, filter, before]),
    ).toEqual([
      ["schedules.runNow", { name: made.schedule }, []],
      ["schedules.update", { name: made.schedule, patch: {} }, []],
      ["schedules.create", { schedule: { name: made.schedule, jobType: "charge", cron: "0 2 * * *" } }, []],
      ["change", { id: made.queued, change: {} }, []],
    ]);
  });

  test("tells that payloads are hidden, and offers no action, whatever authorize says", async () => {
    const { body } = await get("/session", apiAs("millrace_viewer"));

    expect(body).toMatchObject({ showsPayloads: false, actions: [] });
  });

  test("refuses a filter by payloads", async () => {
    const api = apiAs("millrace_viewer");
    const query = `payloadContains=${encodeURIComponent(JSON.stringify({ card: SECRET }))}`;

    for (const path of [`/jobs?${query}`, `/jobs/count?${query}`]) {
      expect(await get(path, api)).toMatchObject({ status: 403, body: { code: "HIDDEN_FILTER" } });
    }
  });

  test("refuses every route that changes something, and changes nothing", async () => {
    const api = apiAs("millrace_viewer");
    const read = async () =>
      (await ops.pool.query("SELECT id, state, updated_at FROM millrace.jobs ORDER BY id")).rows;
    const before = await read();

    for (const [method, path, body] of writes()) {
      const answer = await ops.send(method, path, body, { to: api });
      expect({ path, status: answer.status, code: answer.body?.code }).toEqual({
        ...{ path, status: 403, code: "DATABASE_ROLE" },
      });
    }
    expect(await read()).toEqual(before);
  });
});

/** A request for every route that changes something in the database. */
function writes(): [method: string, path: string, body: unknown][] {
  const filter = { queue: "failed" };
  return [
    ["POST", "/jobs", { type: "charge" }],
    ["POST", `/jobs/${made.failed}/duplicate`, {}],
    ["PATCH", `/jobs/${made.queued}`, { priority: 3 }],
    ["POST", `/jobs/${made.queued}/run-now`, {}],
    ["POST", `/jobs/${made.failed}/retry`, {}],
    ["POST", `/jobs/${made.queued}/cancel`, {}],
    ["POST", `/jobs/${made.running}/cancel`, {}],
    ["POST", "/bulk/retry", { filter }],
    ["POST", "/bulk/run-now", { filter: { queue: "failed" } }],
    ["POST", "/bulk/cancel", { filter }],
    ["POST", "/bulk/delete", { filter }],
    ["POST", "/queues/failed/pause", {}],
    ["POST", "/queues/failed/resume", {}],
    ["PUT", "/queues/failed/settings", { settings: { timeoutMs: 1_000 } }],
    ["POST", "/schedules", { name: "hourly", jobType: "charge", cron: "@hourly" }],
    ["PATCH", "/schedules/hourly", { priority: 1 }],
    ["POST", "/schedules/hourly/disable", {}],
    ["POST", "/schedules/hourly/enable", {}],
    ["POST", "/schedules/hourly/run-now", {}],
    ["DELETE", "/schedules/hourly", undefined],
    ["DELETE", `/jobs/${made.completed}`, undefined],
  ];
}

describe("an API with the role of administrators", () => {
  test("answers every route, and undoes", async () => {
    const api = apiAs("millrace_admin");
    const failures: unknown[] = [];

    for (const { path } of paths("GET").filter((each) => !each.path.endsWith("/events"))) {
      const { status, body } = await ops.send("GET", path, undefined, { to: api });
      if (status !== 200) failures.push({ path, body });
    }
    for (const [method, path, body] of writes()) {
      const answer = await ops.send(method, path, body, { to: api });
      if (answer.status >= 300) failures.push({ method, path, body: answer.body });
    }
    const paused = await ops.send("GET", "/audit?limit=50", undefined, { to: api });
    const entries = paused.body.entries as { action: string; commandId: string; undoUntil: string | null }[];
    const undoable = entries.filter(({ undoUntil }) => undoUntil !== null);
    for (const { commandId, action } of undoable) {
      const answer = await ops.send("POST", `/audit/${commandId}/undo`, {}, { to: api });
      if (answer.status !== 200) failures.push({ action, body: answer.body });
    }

    expect(failures).toEqual([]);
    expect(undoable.length).toBeGreaterThan(5);
  });
});
