import type { JobPage, JobSummary } from "@millrace/api/client";
import { describe, expect, test } from "vitest";
import { appended, followed, listOf } from "./job-list.ts";

const job = (id: string): JobSummary => ({
  id,
  state: "queued",
  queue: "default",
  type: "send",
  priority: 0,
  runAt: null,
  attempts: 0,
  maxAttempts: 3,
  crashes: 0,
  workerId: null,
  lastRunAt: null,
  leaseUntil: null,
  cancelRequestedAt: null,
  lastError: null,
  idempotencyKey: null,
  scheduleId: null,
  tickAt: null,
  startBy: null,
  tags: [],
  createdAt: "2031-01-01T00:00:00.000Z",
  updatedAt: "2031-01-01T00:00:00.000Z",
  finishedAt: null,
  payloadPreview: null,
});
const page = (ids: string, next: string | null, lookedBackTo: string | null = null): JobPage => ({
  jobs: ids.split("").map(job),
  next,
  lookedBackTo,
});
const idsOf = ({ rows }: { rows: readonly JobSummary[] }) => rows.map(({ id }) => id).join("");

describe("a list of jobs that is followed", () => {
  test("keeps its rows, and counts the new ones", () => {
    const list = followed(listOf(page("cba", null)), page("edcba", null));

    expect([idsOf(list), list.added]).toEqual(["cba", 2]);
  });

  test("shows new rows at once where it has no rows", () => {
    const list = followed(listOf(page("", null)), page("a", null));

    expect([idsOf(list), list.added]).toEqual(["a", 0]);
  });

  test("keeps how far a search has come that has found nothing", () => {
    const first = listOf(page("", "cursor 1", "2031-01-01T14:00:00.000Z"));
    const further = appended(first, page("", "cursor 2", "2031-01-01T13:00:00.000Z"));

    const list = followed(further, page("", "cursor 1", "2031-01-01T14:00:00.000Z"));

    expect(list).toMatchObject({ next: "cursor 2", lookedBackTo: "2031-01-01T13:00:00.000Z" });
  });
});

test("a list that goes on has each row once, and the end of the last page", () => {
  const list = appended(listOf(page("cb", "cursor")), page("ba", null));

  expect([idsOf(list), list.next]).toEqual(["cba", null]);
});
