import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, createWorker, type Queue, type WorkerEvent } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { workTaskOn } from "./work-task.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

test("a pool whose connections are all taken delays jobs, and neither loses nor fails them", async () => {
  // The time-out bounds the making of a connection, too, which a busy machine is slow at.
  const small = database.pool({ max: 3, connectionTimeoutMillis: 250 });
  const ids = await enqueueWork(queue, "exhausted", { count: 300 });
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: small,
    queues: ["exhausted"],
    pollMs: 100,
    tasks: [workTaskOn(pool)],
    onEvent: (event) => void events.push(event),
  });
  worker.start();
  const failures = (during: string) =>
    events.filter((event) => event.kind === "error" && event.during === during).length;
  await waitFor(() => events.some((event) => event.kind === "job-completed"), {
    description: "the first job",
  });

  // The listener keeps one connection; whoever takes the others leaves none to claim and complete with.
  const taken = await Promise.all([pool, pool].map(() => waitForClient(small)));
  await waitFor(() => failures("claim") + failures("settle") >= 3, { description: "refusals" });
  for (const client of taken) client.release();

  const counts = await tallyWhenDone(pool, ids);
  await worker.stop();
  expect(counts).toMatchObject({ lost: 0, completed: 300, failed: 0 });
  await record("pool exhausted", {
    injected: failures("claim") + failures("settle") + failures("recover") + failures("presence"),
    staleRefused: events.filter((event) => event.kind === "lease-lost").length,
    ...counts,
  });
});

/** Takes a connection as soon as there is one. */
function waitForClient(small: pg.Pool): Promise<pg.PoolClient> {
  return waitFor(() => small.connect().catch(() => null), { description: "a connection" });
}
