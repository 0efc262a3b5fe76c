import { executorOf } from "@millrace/base";
import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Queue, type TaskContext } from "../../src/index.ts";
import { splitClaim } from "../../src/lease/split-claim.sql.ts";
import { openTransaction } from "../open-transaction.ts";
import { claimsLeft, claimTogether, countByState } from "../settle/claim-together.ts";

const database = useTestDatabase();
/** With a connection for each transaction that the handlers keep open. */
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 30 });
  queue = createQueue(pool);
});

const JOBS = 30;
/** So few that none waits for the others for 100 ms, after which a run is not split off, on a busy machine either. */
const OPEN = 4;

/** How long a handler waits until its run has a claim of its own, in ms. Here it waits as long as that takes. */
const SPLIT_WAIT_MS = 250;

/** Starts a worker of one claim with all jobs; the first of them do something at the same moment, when all jobs run. */
async function startTogether(name: string, doAtOnce: (context: TaskContext) => Promise<void>) {
  const all = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const task = defineTask({
    name,
    payload: z.object({ n: z.number() }),
    async run({ n }, context) {
      begun += 1;
      if (begun === JOBS) all.resolve();
      await all.promise;
      if (n < OPEN) await doAtOnce(context);
      else await gate.promise;
    },
  });
  const jobs = Array.from({ length: JOBS }, (_, n) => ({ type: name, queue: name, payload: { n } }));
  const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id);
  const worker = createWorker({
    db: pool,
    queues: [name],
    tasks: [task],
    concurrency: JOBS,
    leaseSeconds: 600,
    clock: heldClock((ms) => ms === SPLIT_WAIT_MS),
    onEvent: () => undefined,
  });
  worker.start();
  await all.promise;
  return {
    first: ids.slice(0, OPEN),
    others: ids.slice(OPEN),
    letGo: () => gate.resolve(),
    [Symbol.asyncDispose]: () => worker.stop(),
  };
}

describe("handlers of one claim", () => {
  test("that complete in their transactions at the same moment hold up no other job of the claim", async () => {
    const end = Promise.withResolvers<void>();
    let open = 0;
    await using together = await startTogether("transactions", async ({ completeInTx }) => {
      await using transaction = await openTransaction(pool);
      await completeInTx(transaction.client, "in a transaction");
      open += 1;
      await end.promise;
      await transaction.end("COMMIT");
    });
    try {
      await waitFor(() => open === OPEN, { description: "every transaction to be open at once" });
      together.letGo();

      await waitFor(async () => (await countByState(pool, together.others))["completed"] === JOBS - OPEN, {
        description: "the other jobs to complete",
      });
      expect(await countByState(pool, together.first)).toEqual({ running: OPEN });
    } finally {
      end.resolve();
    }
    await waitFor(async () => (await countByState(pool, together.first))["completed"] === OPEN, {
      description: "the transactions to commit",
    });
    expect(await claimsLeft(pool, "transactions")).toBe(0);
  });

  test("that extend their leases at the same moment extend their own alone", async () => {
    let extended = 0;
    const end = Promise.withResolvers<void>();
    await using together = await startTogether("extensions", async ({ extend }) => {
      await extend(3_600_000);
      extended += 1;
      await end.promise;
    });
    await waitFor(() => extended === OPEN, { description: "every lease to be extended" });

    const { rows } = await pool.query<{ id: string }>(
      "SELECT id FROM millrace.jobs WHERE queue = 'extensions' AND lease_until > now() + interval '50 minutes'",
    );

    expect(rows.map((row) => row.id).sort()).toEqual([...together.first].sort());
    together.letGo();
    end.resolve();
    await waitFor(
      async () => (await countByState(pool, [...together.first, ...together.others]))["completed"] === JOBS,
      { description: "every job to complete" },
    );
    expect(await claimsLeft(pool, "extensions")).toBe(0);
  });
});

test("runs that are split off while others end and all are renewed keep their leases, over and over", async () => {
  for (let round = 0; round < 60; round += 1) {
    const { queue: name, runs, ids } = await claimTogether(pool, 24);
    const [ending, alone, held] = [runs.slice(0, 8), runs.slice(8, 14), runs.slice(8)];
    const renewals = () => Promise.all(Array.from({ length: 3 }, () => queue.runs.extend(held, 60)));

    const [, refused, failed, ...renewed] = await Promise.all([
      Promise.all(alone.map((run) => splitClaim(executorOf(pool), run))),
      queue.runs.complete(ending.slice(0, 4)),
      queue.runs.fail(ending.slice(4).map((run) => ({ ...run, error: "x", retryInMs: null }))),
      renewals(),
      renewals(),
    ]);

    expect([...refused, ...failed.refused]).toEqual([]);
    expect(renewed.flat().flatMap((result) => result.refused)).toEqual([]);
    expect(await countByState(pool, ids)).toEqual({ completed: 4, failed: 4, running: 16 });
    const ended = await Promise.all([queue.runs.complete(alone), queue.runs.complete(held.slice(6))]);
    expect(ended).toEqual([[], []]);
    expect(await claimsLeft(pool, name)).toBe(0);
  }
});
