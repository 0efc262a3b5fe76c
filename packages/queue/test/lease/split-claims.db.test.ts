import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Queue, type TaskContext } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { claimsLeft, countByState } from "../settle/claim-together.ts";

const database = useTestDatabase();
/** With a connection for each transaction that the handlers keep open. */
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 30 });
  queue = createQueue(pool);
});

const JOBS = 30;
const OPEN = 10;

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
