import type { QueueDepth, WorkerStatus } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { checkLeases, checkSchema, checkWaiting, checkWorkers, chosenWorkers } from "./health-checks.ts";

const now = new Date("2030-01-01T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);

const worker = (fields: Partial<WorkerStatus> = {}): WorkerStatus => ({
  id: "web-1:42:abc",
  queues: ["default"],
  types: [],
  release: "1",
  concurrency: 4,
  pausedAt: null,
  startedAt: ago(60_000),
  seenAt: ago(1_000),
  alive: true,
  asleep: false,
  running: 0,
  oldestRunAt: null,
  leaseUntil: null,
  counts: { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 },
  crashed: 0,
  ...fields,
});

const gone = { alive: false, seenAt: ago(300_000) };

describe("the chosen workers", () => {
  const workers = [worker(), worker({ id: "web-10:7:def" }), worker({ id: "web-1" })];

  test("are those of an id, or of a host", () => {
    const ids = (choice: Parameters<typeof chosenWorkers>[1]) =>
      chosenWorkers(workers, choice).map(({ id }) => id);

    expect(ids({})).toHaveLength(3);
    expect(ids({ worker: "web-1" })).toEqual(["web-1"]);
    expect(ids({ host: "web-1" })).toEqual(["web-1:42:abc"]);
    expect(ids({ host: "web" })).toEqual([]);
  });

  test("are found by a host's name that is too long for an id", () => {
    const long = "h".repeat(70);

    expect(chosenWorkers([worker({ id: `${"h".repeat(60)}:1:a` })], { host: long })).toHaveLength(1);
  });
});

test.each([
  ["same", true],
  ["newer", true],
  ["unrecorded", true],
  ["older", false],
  ["missing", false],
] as const)("a schema that is %s is fine: %j", (relation, ok) => {
  expect(checkSchema({ relation, database: 3, release: 4, least: null, serves: ok }).ok).toBe(ok);
});

describe("workers", () => {
  test("are fine if one lives", () => {
    expect(checkWorkers([worker(), worker(gone)], {}, now)).toMatchObject({
      ok: true,
      detail: "1 worker lives",
    });
  });

  test("that are paused are fine, and told", () => {
    const check = checkWorkers([worker({ pausedAt: now })], {}, now);

    expect(check).toMatchObject({ ok: true, detail: expect.stringContaining("of which 1 claim nothing") });
  });

  test("that are gone are not", () => {
    expect(checkWorkers([worker(gone)], { host: "web-1" }, now)).toMatchObject({
      ok: false,
      detail: "no worker lives on the host web-1; the last one was seen 5 min ago",
    });
    expect(checkWorkers([], { worker: "w" }, now)).toMatchObject({
      ok: false,
      detail: "no worker lives with the id w",
    });
  });
});

describe("leases", () => {
  test("that have time left are fine", () => {
    expect(checkLeases([worker({ leaseUntil: ago(-5_000) })], now)).toMatchObject({
      ok: true,
      detail: "the lease that ends first has 5s left",
    });
    expect(checkLeases([worker()], now).ok).toBe(true);
  });

  test("that ran out are not, if their worker lives", () => {
    expect(checkLeases([worker({ leaseUntil: ago(5_000) })], now).ok).toBe(false);
    expect(checkLeases([worker({ ...gone, leaseUntil: ago(5_000) })], now).ok).toBe(true);
  });
});

describe("due jobs", () => {
  const depth = (queue: string, oldestDueMs: number | null, pausedAt: Date | null = null): QueueDepth => ({
    queue,
    queued: { count: 1, capped: false },
    due: { count: 1, capped: false },
    running: 0,
    oldestDueMs,
    pausedAt,
    settings: null,
  });
  const depths = [
    depth("mail", 60_000),
    depth("reports", 600_000),
    depth("held", 9_000_000, now),
    depth("empty", null),
  ];

  test("may wait, if no limit is given", () => {
    expect(checkWaiting(depths, {})).toMatchObject({
      ok: true,
      detail: "the oldest due job, of the queue reports, has waited for 10m",
    });
  });

  test("of a queue that is not paused must not wait longer than the limit", () => {
    expect(checkWaiting(depths, { maxWaitMs: 600_000 }).ok).toBe(true);
    expect(checkWaiting(depths, { maxWaitMs: 599_999 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining("longer than 9m 59s"),
    });
    expect(checkWaiting(depths, { queue: "mail", maxWaitMs: 60_000 }).ok).toBe(true);
    expect(checkWaiting(depths, { queue: "held", maxWaitMs: 1 })).toMatchObject({
      ok: true,
      detail: "no job is due",
    });
  });
});
