import { randomUUID } from "node:crypto";
import { executorOf, systemClock } from "@millrace/base";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import type { Outcome } from "../../src/run/decide-outcome.ts";
import { Run } from "../../src/run/run.ts";
import { createSettler } from "../../src/settle/settler.ts";
import { RunCounts } from "../../src/wake/run-counts.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** What the settler says that it has written, for what it counts. */
const SETTLED: Readonly<Record<string, string>> = {
  completed: "complete",
  failed: "fail",
  canceled: "cancel",
  retried: "retry",
  refused: "lost",
};

/** What has happened to a run before its outcome is written. */
type Before = "nothing" | "cancel requested" | "lease lost" | "completed in a transaction";

const complete: Outcome = { kind: "complete", output: null };
const retry: Outcome = { kind: "retry", error: "e", retryInMs: 0 };
const fail: Outcome = { kind: "fail", error: "e", thrown: null };

test.each<[Outcome, Before, string | null]>([
  [complete, "nothing", "completed"],
  [complete, "lease lost", "refused"],
  [{ kind: "verify", otherwise: fail }, "completed in a transaction", "completed"],
  [{ kind: "verify", otherwise: fail }, "nothing", "failed"],
  [{ kind: "verify", otherwise: fail }, "lease lost", "refused"],
  [fail, "nothing", "failed"],
  [fail, "cancel requested", "canceled"],
  [retry, "nothing", "retried"],
  [retry, "cancel requested", "canceled"],
  [{ kind: "cancel", error: "e", requested: false }, "nothing", "canceled"],
  [{ kind: "cancel", error: "e", requested: true }, "cancel requested", "canceled"],
  [{ kind: "cancel", error: "e", requested: true }, "nothing", null],
  [{ kind: "cancel", error: "e", requested: true }, "lease lost", "refused"],
  [{ kind: "snooze", delayMs: 0 }, "nothing", null],
  [{ kind: "release" }, "nothing", null],
  [{ kind: "release" }, "cancel requested", "canceled"],
  [{ kind: "release" }, "lease lost", "refused"],
  [{ kind: "lost" }, "nothing", "refused"],
])("%j, when before it was %s, counts as %s", async (outcome, before, counted) => {
  const name = randomUUID();
  const { id } = await queue.enqueue("t", {}, { queue: name });
  const [job] = await queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 30 });
  if (job === undefined) throw new Error("the job was not claimed");
  if (before === "cancel requested") await queue.cancel(id);
  if (before === "lease lost") await queue.runs.release([job]);
  if (before === "completed in a transaction") await queue.runs.complete([job]);
  const counts = new RunCounts();
  const db = executorOf(pool);
  const settler = createSettler({ db, clock: systemClock, counts, onRetry: () => undefined });

  const settled = await settler.settle(new Run(job, 0), outcome, new AbortController().signal);

  expect(settled.kind).toBe(
    counted === null ? (outcome.kind === "snooze" ? "snooze" : "release") : SETTLED[counted],
  );
  const { totals } = counts.next();
  const nothing = { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 };
  expect(totals).toEqual(counted === null ? nothing : { ...nothing, [counted]: 1 });
});

test("a retry of a job whose attempts are used up counts as failed", async () => {
  const name = randomUUID();
  await queue.enqueue("t", {}, { queue: name, maxAttempts: 1 });
  const [job] = await queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 30 });
  if (job === undefined) throw new Error("the job was not claimed");
  const counts = new RunCounts();
  const settler = createSettler({
    db: executorOf(pool),
    clock: systemClock,
    counts,
    onRetry: () => undefined,
  });

  await settler.settle(new Run(job, 0), retry, new AbortController().signal);

  expect(Object.fromEntries(counts.next().queues)).toMatchObject({ [name]: { failed: 1, retried: 0 } });
});
