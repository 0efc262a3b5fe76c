import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, Fatal, type Queue, Snooze } from "../../src/index.ts";
import type { RunningTask } from "../run-worker.ts";
import { enqueueTraced, linksOf, runsAmong, tracedTask } from "./traced-task.ts";
import { useTracing } from "./use-tracing.ts";

const database = useTestDatabase();
const tracing = useTracing();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** The spans of the runs, in the order of their ends. */
const runs = () => runsAmong(tracing.spans());

describe("a job keeps its context", () => {
  const released = async (task: RunningTask, id: string) => {
    await queue.runNow(id);
    await task.told("job-completed", id);
    return runs().at(-1);
  };

  test.each([
    ["when it is made due", (id: string) => queue.runNow(id)],
    ["when it is changed", (id: string) => queue.change(id, { delayMs: 0, tags: ["x"], metadata: { a: 1 } })],
  ])("%s", async (_how, command) => {
    await using task = tracedTask(pool, () => undefined);
    const { id, traceId } = await enqueueTraced(task, { delayMs: 3_600_000 });
    await command(id);
    await task.told("job-completed", id);

    expect(linksOf(runs()[0])).toEqual([traceId]);
  });

  test("when its handler puts it off, and when it is retried after its end", async () => {
    let runsLeft = 1;
    await using task = tracedTask(pool, () => {
      runsLeft -= 1;
      if (runsLeft === 0) throw new Snooze(3_600_000);
    });
    const { id, traceId } = await enqueueTraced(task);
    await task.told("job-snoozed", id);
    await released(task, id);
    await queue.retry(id);
    await waitFor(() => runs().length === 3, { description: "a third run" });

    expect(runs().map(linksOf)).toEqual([[traceId], [traceId], [traceId]]);
  });

  test("when it is canceled, and the cancel is undone", async () => {
    await using task = tracedTask(pool, () => undefined);
    const { id, traceId } = await enqueueTraced(task, { delayMs: 3_600_000 });
    const audited = createQueue(pool, { audit: { who: "ada", via: "test" } });
    await audited.cancel(id);
    const [entry] = await audited.audit({ limit: 1 });
    await audited.undo(entry?.commandId ?? "");

    expect(linksOf(await released(task, id))).toEqual([traceId]);
  });

  test("when a crashed worker's claim is recovered", async () => {
    await using task = tracedTask(pool, () => undefined);
    await task.worker.pause();
    const { id, traceId } = await enqueueTraced(task);
    const { queue: name } = await queue.get(id);
    await queue.runs.claim({ queues: [name], workerId: "crasher", limit: 1, leaseSeconds: 5 });
    await pool.query(
      "UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE worker_id = 'crasher'",
    );
    await queue.runs.recover();
    task.worker.resume();
    await task.told("job-completed", id);

    const [span] = runs();
    expect([linksOf(span), span?.parentSpanContext]).toEqual([[traceId], undefined]);
    expect(span?.attributes["messaging.millrace.job.crashes"]).toBe(1);
  });

  test("and gives it to its copy and its dead letter: their runs are linked to it, and no part of it", async () => {
    await using mourner = tracedTask(pool, () => undefined);
    await using task = tracedTask(pool, () => Promise.reject(new Fatal("no")));
    const { queue: mourning } = await queue.get(await mourner.enqueue({}, { delayMs: 3_600_000 }));
    const deadLetter = { type: mourning, queue: mourning };
    const { id, traceId } = await enqueueTraced(task, { deadLetter });
    await task.told("job-failed", id);
    await queue.duplicate(id);
    await waitFor(() => runs().length === 4, { description: "two jobs and two dead letters run" });

    const [prompt, ...later] = runs();
    expect(prompt?.spanContext().traceId).toBe(traceId);
    expect(later.map(linksOf)).toEqual([[traceId], [traceId], [traceId]]);
    expect(later.map(({ parentSpanContext }) => parentSpanContext)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a producer in SQL", () => {
  const insert = async (task: RunningTask, settings: object) => {
    const { queue: name } = await queue.get(await task.enqueue({}, { delayMs: 3_600_000 }));
    const { rows } = await pool.query(
      "INSERT INTO millrace.jobs (type, queue, settings) VALUES ($1, $1, $2) RETURNING id",
      [name, settings],
    );
    await task.told("job-completed", rows[0].id);
    return runs()[0];
  };

  test("gives a context as a part of the settings", async () => {
    await using task = tracedTask(pool, () => undefined);
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const span = await insert(task, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });

    expect([linksOf(span), span?.spanContext().traceId]).toEqual([[traceId], traceId]);
  });

  test("that gives a bad context stops no run", async () => {
    await using task = tracedTask(pool, () => undefined);
    const span = await insert(task, { traceparent: ["00"], tracestate: 7 });

    expect(linksOf(span)).toEqual([]);
  });
});
