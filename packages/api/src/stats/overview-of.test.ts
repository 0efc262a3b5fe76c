import type { QueueDepth, WorkerStatus } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { holderAnswer, overviewOf } from "./overview-of.ts";

const NOW = new Date("2031-01-01T00:00:00Z");

const depth: QueueDepth = {
  queue: "mail",
  queued: { count: 7, capped: false },
  due: { count: 3, capped: false },
  running: 2,
  oldestDueMs: 1_500,
  pausedAt: null,
  settings: null,
};

/** A worker, as far as an overview depends on it. */
const worker = (alive: boolean, running: number, concurrency: number | null) =>
  ({ alive, running, concurrency }) as unknown as WorkerStatus;

const holder = {
  ...{ pid: 7, applicationName: "report", user: "app", state: "active", ageMs: 90_000 },
  ...{ since: NOW, queryStart: NOW, query: "SELECT 'secret'" },
};

const parts = {
  depths: [depth],
  workers: [worker(true, 2, 4)],
  schedules: { now: NOW, enabled: 3, overdue: 1, nextRunAt: NOW },
  lately: { completed: 5, failed: 4, canceled: 3, retried: 2, crashed: 1, refused: 0 },
  holder: null,
  showsQueries: true,
};

describe("an overview", () => {
  test("adds what its parts say", () => {
    const paused = { ...depth, queue: "paused", pausedAt: NOW, oldestDueMs: 9_000 };
    const capped = { ...depth, queue: "full", queued: { count: 10_000, capped: true }, oldestDueMs: null };
    const workers = [worker(true, 2, 4), worker(true, 1, 8), worker(false, 5, 100)];

    expect(overviewOf({ ...parts, depths: [depth, paused, capped], workers })).toEqual({
      at: "2031-01-01T00:00:00.000Z",
      queued: { count: 10_014, capped: true },
      due: { count: 9, capped: false },
      running: 6,
      oldestDueMs: 9_000,
      pausedQueues: 1,
      workers: { alive: 2, running: 3, slots: 12 },
      schedules: { enabled: 3, overdue: 1, nextRunAt: "2031-01-01T00:00:00.000Z" },
      lastTenMinutes: { completed: 5, failed: 4, retried: 2, crashed: 1 },
      snapshotHolder: null,
    });
  });

  test("of nothing has zeros", () => {
    const schedules = { ...parts.schedules, enabled: 0, overdue: 0, nextRunAt: null };

    expect(overviewOf({ ...parts, schedules, depths: [], workers: [] })).toMatchObject({
      queued: { count: 0, capped: false },
      running: 0,
      oldestDueMs: null,
      workers: { alive: 0, running: 0, slots: 0 },
      schedules: { enabled: 0, overdue: 0, nextRunAt: null },
    });
  });

  test("does not know the slots when a worker of an older release says nothing of them", () => {
    const workers = [worker(true, 2, 4), worker(true, 0, null)];

    expect(overviewOf({ ...parts, workers }).workers).toEqual({ alive: 2, running: 2, slots: null });
  });

  test("shows the statement of a transaction only where nothing is redacted", () => {
    expect(overviewOf({ ...parts, holder }).snapshotHolder).toMatchObject({ query: "SELECT 'secret'" });
    expect(overviewOf({ ...parts, holder, showsQueries: false }).snapshotHolder).toEqual({
      ...{ pid: 7, applicationName: "report", user: "app", state: "active", ageMs: 90_000 },
      ...{ since: "2031-01-01T00:00:00.000Z", query: null },
    });
    expect(holderAnswer({ ...holder, query: null }, true).query).toBeNull();
  });
});
