import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Queue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { strayRows } from "./job-places.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();

/** How many jobs each run has. */
const JOBS = 6;
const QUEUE = "default";

/** What befalls a job, before the command or between the command and its undo. */
const EVENTS = {
  claim: async (id: string) => {
    // The claim may take another job of this priority. Then this job has been changed, as `updated_at` tells.
    await use.pool.query(
      "UPDATE millrace.waiting_jobs SET priority = -9, updated_at = clock_timestamp() WHERE id = $1",
      [id],
    );
    await use.plain.runs.claim({ queues: [QUEUE], workerId: "w", limit: 1, leaseSeconds: 60 });
  },
  complete: (id: string) =>
    onRun(id, (run) => use.plain.runs.complete([{ ...run, output: '{"a":1.50,"b":null}' }])),
  fail: (id: string) => onRun(id, (run) => use.plain.runs.fail([{ ...run, error: "x", retryInMs: null }])),
  retryLater: (id: string) =>
    onRun(id, (run) => use.plain.runs.fail([{ ...run, error: "y", retryInMs: 60_000 }])),
  giveBack: (id: string) => onRun(id, (run) => use.plain.runs.release([run])),
  cancel: (id: string) => use.plain.cancel(id),
  retry: (id: string) => use.plain.retry(id),
  runNow: (id: string) => use.plain.runNow(id),
  change: (id: string) => use.plain.change(id, { priority: 4, delayMs: 5_000, tags: ["c"] }),
  delete: (id: string) => use.plain.deleteMany({ ids: [id] }),
} satisfies Record<string, (id: string) => Promise<unknown>>;

async function onRun(
  id: string,
  settle: (run: { id: string; leaseToken: number }) => Promise<unknown>,
): Promise<void> {
  const { leaseToken } = await use.plain.get(id);
  await settle({ id, leaseToken });
}

/** The commands that are undone, in batches of two: so a command has up to three steps. */
const COMMANDS = {
  cancelMany: (queue: Queue) => queue.cancelMany({ all: true }, { batchSize: 2 }),
  retryMany: (queue: Queue) => queue.retryMany({ all: true }, { batchSize: 2 }),
  "retryMany of completed jobs": (queue: Queue) => queue.retryMany({ state: "completed" }, { batchSize: 2 }),
  runNowMany: (queue: Queue) => queue.runNowMany({ all: true }, { batchSize: 2 }),
} satisfies Record<string, (queue: Queue) => Promise<{ commandId: string | null }>>;

/** An event of a job. The job may be in a state that does not allow the event: then nothing happens. */
const event = fc.record({
  job: fc.nat(JOBS - 1),
  kind: fc.constantFrom(...(Object.keys(EVENTS) as (keyof typeof EVENTS)[])),
});

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

const TOLERATED = ["JOB_STATE", "JOB_NOT_FOUND"];

async function apply(ids: readonly string[], events: readonly Event[]): Promise<void> {
  for (const { job, kind } of events) {
    await EVENTS[kind](ids[job] ?? "").catch((error: { code?: string }) => {
      if (!TOLERATED.includes(error.code ?? "")) throw error;
    });
  }
}

/** Every job as it is, without the instant of its last change, with the scope of its key. */
async function allRows(): Promise<Map<string, unknown>> {
  const { rows } = await use.pool.query(
    `SELECT j.id, to_jsonb(j) - 'updated_at' AS row, to_jsonb(k) AS key
     FROM millrace.jobs j LEFT JOIN millrace.job_keys k ON k.job_id = j.id`,
  );
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}

async function newJobs(): Promise<string[]> {
  await use.pool.query(
    "TRUNCATE millrace.waiting_jobs, millrace.claims, millrace.ended_jobs, millrace.job_keys, millrace.cancel_requests",
  );
  const ids: string[] = [];
  for (let n = 0; n < JOBS; n += 1) {
    const keyed = n % 2 === 0 ? { idempotencyKey: `key-${n}` } : {};
    ids.push(
      await insertJob(use.pool, { leaseToken: 0, attempts: 0, runInSeconds: n < 4 ? 0 : 60, ...keyed }),
    );
  }
  await use.pool.query(
    `UPDATE millrace.waiting_jobs SET settings = '{"tags": ["a"], "metadata": {"n": null, "big": 12345678901234567890}}'
     WHERE id = ANY($1)`,
    [ids.slice(0, 3)],
  );
  return ids;
}

describe("after any history, an undo", () => {
  test.each(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])(
    "of %s leaves each job either exactly as it was before the command, or exactly as others have left it",
    async (name) => {
      const history = fc.array(event, { maxLength: 14 });
      const property = fc.asyncProperty(history, fc.array(event, { maxLength: 4 }), async (past, since) => {
        const ids = await newJobs();
        await apply(ids, past);
        const before = await allRows();
        const { commandId } = await COMMANDS[name](use.ada);
        if (commandId === null) return;
        const given = await allRows();
        await apply(ids, since);
        const moved = await allRows();

        const { restored, left } = await use.ada.undo(commandId);

        const after = await allRows();
        // A claim may take another job of the same priority.
        const named = new Set(since.map(({ job }) => ids[job]));
        const isTouched = (id: string) =>
          named.has(id) || JSON.stringify(given.get(id)) !== JSON.stringify(moved.get(id));
        for (const id of ids) {
          const changed = JSON.stringify(before.get(id)) !== JSON.stringify(given.get(id));
          if (!changed) expect(after.get(id)).toEqual(moved.get(id));
          else if (!isTouched(id)) expect(after.get(id)).toEqual(before.get(id));
          else expect([before.get(id), moved.get(id)]).toContainEqual(after.get(id));
        }
        const entries = await use.ada.audit({ commandId, limit: 10 });
        expect(restored + left).toBe(entries.reduce((sum, entry) => sum + entry.changed, 0));
        expect(await strayRows(use.pool)).toEqual([]);
      });
      await fc.assert(property, { numRuns: 15 });
    },
  );
});
