import { expect, test } from "vitest";
import { differences, type EnqueuedJob } from "./job-where.ts";

const runAt = new Date("2026-01-02T03:04:05Z");
const job = {
  payload: { order: { id: 7, lines: [{ sku: "a" }] }, note: null },
  queue: "mail",
  runAt,
  tags: ["a", "b"],
  metadata: {},
} as unknown as EnqueuedJob<{ order: { id: number; lines: { sku: string }[] }; note: string | null }>;

test.each([
  ["nothing", {}],
  ["a part of the payload", { payload: { order: { id: 7 } } }],
  ["a whole array", { payload: { order: { lines: [{ sku: "a" }] } } }],
  ["null", { payload: { note: null } }],
  ["an instant", { runAt: new Date(runAt) }],
  ["a tag among others", { tags: ["b"] }],
  ["a matcher", { payload: { order: { id: expect.any(Number) } } }],
  ["a matcher of the whole payload", { payload: expect.objectContaining({ note: null }) }],
  ["a function that returns true", () => true],
])("a job that fits %s differs in nothing", (_what, where) => {
  expect(differences(job, where)).toEqual([]);
});

test.each([
  ["payload.order.id: expected 8, got 7", { payload: { order: { id: 8 } } }],
  ['payload.note: expected "x", got null', { payload: { note: "x" } }],
  ["payload.order.lines: expected []", { payload: { order: { lines: [] } } }],
  ["payload.total: expected 3, got nothing", { payload: { total: 3 } as object }],
  [
    "runAt: expected 2027-01-01T00:00:00.000Z, got 2026-01-02T03:04:05.000Z",
    { runAt: new Date("2027-01-01") },
  ],
  ['tags: "c" is missing', { tags: ["a", "c"] }],
  ["payload.order.id: 7 does not match", { payload: { order: { id: expect.any(String) } } }],
  ["the function returned false", () => false],
])("says %s", (line, where) => {
  const [first = ""] = differences(job, where as never);

  expect(first.startsWith(line)).toBe(true);
});
