import type { QueueRow } from "@millrace/api/client";
import { describe, expect, it } from "vitest";
import { nextOrder, shownQueues } from "./queue-order.ts";

function row(queue: string, given: Partial<QueueRow> = {}): QueueRow {
  const none = { count: 0, capped: false };
  const lastHour = { completed: 0, failed: 0, canceled: 0, retried: 0, crashed: 0, refused: 0 };
  return {
    queue,
    queued: none,
    due: none,
    running: 0,
    oldestDueMs: null,
    pausedAt: null,
    settings: null,
    lastHour,
    workers: 0,
    ...given,
  };
}

const QUEUES = [
  row("sms", { due: { count: 5, capped: false }, oldestDueMs: 10 }),
  row("Mail", { due: { count: 9, capped: false } }),
  row("alerts", { due: { count: 5, capped: false }, oldestDueMs: 900 }),
];

const names = (rows: readonly QueueRow[]) => rows.map(({ queue }) => queue);

describe("the list of queues", () => {
  it("finds names by a part of them, whatever the case", () => {
    expect(names(shownQueues(QUEUES, " MA", { by: "queue", descending: false }))).toEqual(["Mail"]);
  });

  it("keeps equal queues in the order of their names", () => {
    expect(names(shownQueues(QUEUES, "", { by: "due", descending: true }))).toEqual([
      "Mail",
      "alerts",
      "sms",
    ]);
    expect(names(shownQueues(QUEUES, "", { by: "due", descending: false }))).toEqual([
      "alerts",
      "sms",
      "Mail",
    ]);
  });

  it("puts queues in which nothing is due last when the oldest stand first", () => {
    expect(names(shownQueues(QUEUES, "", { by: "oldestDueMs", descending: true }))).toEqual([
      "alerts",
      "sms",
      "Mail",
    ]);
  });

  it("begins with the largest figure, turns at a second click, and begins names with the first", () => {
    const byDue = nextOrder({ by: "queue", descending: false }, "due");

    expect(byDue).toEqual({ by: "due", descending: true });
    expect(nextOrder(byDue, "due")).toEqual({ by: "due", descending: false });
    expect(nextOrder(byDue, "queue")).toEqual({ by: "queue", descending: false });
  });
});
