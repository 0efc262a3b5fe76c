import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** A claimed job, whose caller writes its id in upper case. */
async function shouted(): Promise<ClaimedJob> {
  const name = crypto.randomUUID();
  await queue.enqueue("t", {}, { queue: name });
  const [job] = await queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 600 });
  if (job === undefined) throw new Error("A job must be due");
  return { ...job, id: job.id.toUpperCase() };
}

describe("an id in upper case names the same job", () => {
  test("for complete", async () => {
    const run = await shouted();

    expect(await queue.runs.complete([run])).toEqual([]);
    expect((await queue.get(run.id)).state).toBe("completed");
  });

  test("for complete, beside a run with an output", async () => {
    const runs = [await shouted(), { ...(await shouted()), output: "1" }];

    expect(await queue.runs.complete(runs)).toEqual([]);
  });

  test("for fail", async () => {
    const run = await shouted();

    const told = await queue.runs.fail([{ ...run, error: "x", retryInMs: null }]);

    expect(told.failed).toEqual([{ id: run.id.toLowerCase(), leaseToken: run.leaseToken }]);
    expect(told.refused).toEqual([]);
  });

  test("for release and extend, and a run that is named twice is written once", async () => {
    const run = await shouted();
    const again = { ...run, id: run.id.toLowerCase() };

    expect(await queue.runs.extend([run, again], 600)).toEqual({
      refused: [],
      locked: [],
      cancelRequested: [],
    });
    expect(await queue.runs.release([run, again])).toEqual([]);
  });

  test("for the commands on one job", async () => {
    const { id } = await queue.enqueue("t", {}, { queue: crypto.randomUUID() });
    const upper = id.toUpperCase();

    expect((await queue.get(upper)).id).toBe(id);
    expect(await queue.cancel(upper)).toBe("canceled");
    expect((await queue.waitFor(upper)).id).toBe(id);
    await queue.retry(upper);
    expect((await queue.cancelMany({ ids: [upper] })).changed).toBe(1);
    expect((await queue.deleteMany({ ids: [upper] })).changed).toBe(1);
    expect(await queue.attempts(upper)).toEqual([]);
  });

  test("for a run that is no longer held", async () => {
    const run = await shouted();
    await queue.runs.complete([run]);

    expect(await queue.runs.complete([run])).toEqual([
      { id: run.id.toLowerCase(), leaseToken: run.leaseToken },
    ]);
  });
});
