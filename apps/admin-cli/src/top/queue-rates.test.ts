import { expect, test } from "vitest";
import type { QueueSample } from "../store/sample-queues.sql.ts";
import { boundaryAt, ratesBetween } from "./queue-rates.ts";

function sample(fields: Partial<QueueSample>): QueueSample {
  return {
    ...{ queue: "mail", pausedAt: null, queued: 0, running: 0, due: 0, oldestDueMs: null },
    ...{ madeSinceFirst: 0, madeSinceSecond: 0, ...fields },
  };
}

const at = (ms: number) => new Date(1_700_000_000_000 + ms);

function rate(earlier: readonly QueueSample[], later: readonly QueueSample[]): number | undefined {
  return ratesBetween({ at: at(0), queues: earlier }, { at: at(2_000), queues: later }).get("mail");
}

test("what was made and is not there any more has ended", () => {
  const earlier = sample({ queued: 100, running: 10, madeSinceSecond: 30 });
  const later = sample({ queued: 80, running: 10, madeSinceFirst: 50 });

  expect(rate([earlier], [later])).toBe(20);
});

test("a queue that is empty now has ended all it had", () => {
  expect(rate([sample({ queued: 6 })], [])).toBe(3);
});

test("a queue that is new has ended what was made and is not there", () => {
  expect(rate([], [sample({ queued: 4, madeSinceFirst: 10 })])).toBe(3);
});

test("a queue that grows by a retry has no negative rate", () => {
  expect(rate([sample({})], [sample({ queued: 1_000 })])).toBe(0);
});

test("samples of the same instant have no rates", () => {
  const same = { at: at(0), queues: [sample({ queued: 1 })] };

  expect(ratesBetween(same, same).size).toBe(0);
});

test("a boundary is the least id of an instant some seconds before the sample", () => {
  expect(boundaryAt(new Date("2026-11-30T10:30:05Z"))).toBe(
    `${Date.parse("2026-11-30T10:30:00Z")
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-")}-0000-0000-000000000000`,
  );
});
