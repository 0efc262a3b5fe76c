import type { ClaimedJob } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import type { AppEvent } from "./app-event.ts";
import { DatabaseConnectionError } from "./database-connection-error.ts";
import { createLog, logEvent, logLine } from "./log.ts";
import { version } from "./version.ts";

const job: ClaimedJob = {
  id: "01890000-0000-7000-8000-000000000001",
  queue: "mail",
  type: "mail.send",
  payload: { token: "s3cret" },
  leaseToken: 7,
  attempt: 2,
  maxAttempts: 3,
  crashes: 0,
};
const shownJob = { jobId: job.id, type: "mail.send", queue: "mail", attempt: 2 };
const error = new Error("no");
const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const tick = { scheduleId: "1", scheduleName: "nightly", tickAt: new Date(0), jobId: "2" } as const;

const lines: [AppEvent, level: string, message: string, fields: object][] = [
  [{ kind: "job-started", job }, "debug", "job started", shownJob],
  [
    { kind: "job-completed", job, durationMs: 12.34 },
    "info",
    "job completed",
    { ...shownJob, durationMs: 12 },
  ],
  [
    { kind: "job-retried", job, durationMs: 1, error: "no", retryInMs: 5_000 },
    "warn",
    "job will be retried",
    { ...shownJob, durationMs: 1, retryInMs: 5_000, error: "no" },
  ],
  [
    { kind: "job-failed", job, durationMs: 1, error: "no" },
    "error",
    "job failed",
    { ...shownJob, durationMs: 1, error: "no" },
  ],
  [
    { kind: "job-canceled", job, durationMs: 1, error: "asked" },
    "info",
    "job canceled",
    { ...shownJob, durationMs: 1 },
  ],
  [{ kind: "job-released", job, durationMs: 1 }, "info", "job given back", { ...shownJob, durationMs: 1 }],
  [{ kind: "lease-lost", job, durationMs: 1 }, "warn", "job's lease lost", { ...shownJob, durationMs: 1 }],
  [
    { kind: "recovered", requeued: ["1"], failed: [], canceled: [] },
    "warn",
    "jobs of lost workers recovered",
    { requeued: ["1"], failed: [], canceled: [] },
  ],
  [{ kind: "pruned", deleted: 3 }, "info", "old jobs deleted", { deleted: 3 }],
  [{ kind: "expired", ids: ["1"] }, "warn", "jobs canceled that did not start in time", { jobs: ["1"] }],
  [
    { kind: "changed", workerId: "w", queues: ["mail"], concurrency: 9 },
    "info",
    "worker changed",
    { workerId: "w", queues: ["mail"], concurrency: 9 },
  ],
  [{ kind: "paused", workerId: "w" }, "info", "worker paused", { workerId: "w" }],
  [{ kind: "resumed", workerId: "w" }, "info", "worker resumed", { workerId: "w" }],
  [
    { kind: "no-task", queue: "mail", types: ["send"], jobs: 3 },
    "warn",
    "due jobs wait for a worker that has their task",
    { queue: "mail", types: ["send"], jobs: 3 },
  ],
  [{ kind: "error", during: "claim", error }, "error", "could not claim, trying again", { err: error }],
  [
    { kind: "database-ready", database: "db", migrationsApplied: 2 },
    "info",
    "the database is there",
    { database: "db", migrationsApplied: 2 },
  ],
  [
    { kind: "database-away", error: new DatabaseConnectionError("postgres://db/app", away), retryInMs: 500 },
    "warn",
    "the database is away, trying again",
    { error: "Cannot connect to the database at db:5432/app: connect ECONNREFUSED", retryInMs: 500 },
  ],
  [
    { kind: "error", during: "claim", error: away },
    "error",
    "could not claim, trying again",
    { error: "connect ECONNREFUSED" },
  ],
  [
    { kind: "connection-lost", error: away },
    "warn",
    "an idle connection was lost",
    { error: "connect ECONNREFUSED" },
  ],
  [
    { kind: "http-listening", host: "127.0.0.1", port: 9464 },
    "info",
    "health and metrics are served",
    { host: "127.0.0.1", port: 9464 },
  ],
  [
    { kind: "schema-newer", version: { relation: "newer", database: 7, release: 6, least: 5, serves: true } },
    "warn",
    "the database has the millrace schema of a newer release: update this worker",
    { databaseMigrations: 7, workerMigrations: 6, workerVersion: version() },
  ],
  [
    { kind: "tasks-loaded", tasks: [{ name: "a", from: "built-in" }], tasksDir: undefined },
    "info",
    "tasks loaded",
    { tasks: [{ name: "a", from: "built-in" }], tasksDir: null },
  ],
  [
    { kind: "task-module-slow", file: "/tasks/a.js", waitedMs: 5_000 },
    "warn",
    "a module of tasks is still loading: does a top-level await hang?",
    { file: "/tasks/a.js", waitedMs: 5_000 },
  ],
  [
    { kind: "scheduler", event: { kind: "tick", ...tick, outcome: "enqueued" } },
    "info",
    "schedule ticked",
    { schedule: "nightly", tickAt: new Date(0), jobId: "2", outcome: "enqueued" },
  ],
  [
    {
      kind: "schedules-reconciled",
      report: { created: ["a"], updated: [], unchanged: ["b", "c"], drift: [], warnings: [] },
    },
    "info",
    "declared schedules reconciled",
    { created: ["a"], updated: [], unchanged: 2, drift: [] },
  ],
  [
    {
      kind: "schedules-reconciled",
      report: {
        ...{ created: [], updated: [], unchanged: [], warnings: [] },
        drift: [{ kind: "undeclared", name: "old" }],
      },
    },
    "warn",
    "declared schedules reconciled; what differs was left",
    { created: [], updated: [], unchanged: 0, drift: [{ kind: "undeclared", name: "old" }] },
  ],
  [
    {
      kind: "schedules-reconciled",
      report: {
        ...{ created: [], updated: [], unchanged: ["a"], drift: [] },
        warnings: [{ name: "a", warnings: ["hour: ..."] }],
      },
    },
    "warn",
    "declared schedules reconciled; some steps are not what they seem",
    {
      ...{ created: [], updated: [], unchanged: 1, drift: [] },
      warnings: [{ name: "a", warnings: ["hour: ..."] }],
    },
  ],
  [
    {
      kind: "scheduler",
      event: { kind: "schedule-ended", scheduleId: "1", scheduleName: "nightly", lastTickAt: new Date(0) },
    },
    "info",
    "schedule has no further tick",
    { schedule: "nightly", lastTickAt: new Date(0) },
  ],
  [
    {
      kind: "scheduler",
      event: { kind: "schedule-failed", scheduleId: "1", scheduleName: "nightly", error },
    },
    "error",
    "schedule cannot tick",
    { schedule: "nightly", err: error },
  ],
];

describe("the log line", () => {
  test.each(lines)("of %j is %s: %s", (event, level, message, fields) => {
    expect(logLine(event)).toEqual({ level, message, fields });
  });

  test("is JSON with level, time and message, and never holds a payload", () => {
    const written: string[] = [];
    const log = createLog("trace", { stream: { write: (text) => void written.push(text) } });

    for (const [event] of lines) logEvent(log, event);

    expect(written).toHaveLength(lines.length);
    expect(JSON.parse(written[1] ?? "")).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      msg: "job completed",
      jobId: job.id,
    });
    expect(written.join("")).not.toContain("s3cret");
  });

  test("holds the message of an error and of its cause once each", () => {
    const written: string[] = [];
    const log = createLog("info", { stream: { write: (text) => void written.push(text) } });

    log.fatal({ err: new Error("The module failed: no key", { cause: new Error("no key") }) });

    const { err } = JSON.parse(written[0] ?? "");
    expect(err.message).toBe("The module failed: no key");
    expect(err.cause).toMatchObject({ message: "no key", stack: expect.stringContaining("    at ") });
  });

  test("is not written below the level that was asked for", () => {
    const written: string[] = [];
    const log = createLog("error", { stream: { write: (text) => void written.push(text) } });

    logEvent(log, { kind: "job-completed", job, durationMs: 1 });

    expect(written).toEqual([]);
  });
});
