import { migrateRoles } from "@millrace/schema/migrations";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { untilBlocked } from "../until-blocked.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let asProducer: pg.Pool;
let producer: Queue;

const LARGE = "x".repeat(3_000);

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await migrateRoles(pool);
  asProducer = database.pool({ options: "-c role=millrace_producer" });
  producer = createQueue(asProducer);
});

/** Claims the jobs of a queue as a worker does. */
const claim = (name: string) =>
  queue.runs.claim({ workerId: "w", queues: [name], limit: 10, leaseSeconds: 30 });

describe("a producer may enqueue", () => {
  test.each([
    ["a job", {}],
    ["a job that is due later", { delayMs: 60_000 }],
    [
      "a job with everything",
      { priority: 3, tags: ["a"], metadata: { n: 1 }, startWithinMs: 60_000, maxAttempts: 2 },
    ],
    ["a job with a key", { idempotencyKey: "key" }],
    ["a unique job", { idempotencyKey: "scoped", keyScope: "active" as const }],
    ["a throttled job", { throttle: { key: "slow", periodMs: 60_000 } }],
    ["a debounced job", { debounce: { key: "late", delayMs: 60_000 } }],
    ["the latest of a key", { latest: { key: "doc" } }],
  ])("%s, small or large", async (_what, options) => {
    const small = await producer.enqueue("t", { n: 1 }, options);
    const large = await producer.enqueue("t", { text: LARGE, n: 2 }, options);

    expect(await queue.get(small.id)).toMatchObject({ type: "t" });
    expect(await queue.get(large.id)).toMatchObject({ type: "t" });
  });

  test("many jobs at once, with and without keys", async () => {
    const results = await producer.enqueueMany([
      { type: "t", payload: 1 },
      { type: "t", payload: 2, idempotencyKey: "many" },
      { type: "t", payload: 3, idempotencyKey: "many" },
    ]);

    expect(results.map(({ outcome }) => outcome)).toEqual(["enqueued", "enqueued", "duplicate"]);
  });

  test("in a transaction, which commits or rolls back with the job", async () => {
    const client = await asProducer.connect();
    try {
      await client.query("BEGIN");
      const { id: kept } = await producer.enqueue("t", {}, { tx: client, idempotencyKey: "in-tx" });
      await client.query("COMMIT");
      await client.query("BEGIN");
      const { id: gone } = await producer.enqueue("t", {}, { tx: client });
      await client.query("ROLLBACK");

      expect((await queue.get(kept)).state).toBe("queued");
      await expect(queue.get(gone)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    } finally {
      client.release();
    }
  });

  test("a job in the place of a queued one, and leaves all others", async () => {
    const bystander = await queue.enqueue("t", "stays", { queue: "replaced" });
    const options = { queue: "replaced", latest: { key: "replace" } };
    const first = await producer.enqueue("t", { text: LARGE }, options);

    const second = await producer.enqueue("t", "newer", { ...options, priority: -1 });

    expect(second).toEqual({ id: first.id, outcome: "replaced" });
    expect(await queue.get(first.id)).toMatchObject({ payload: "newer", priority: -1 });
    expect(await queue.get(bystander.id)).toMatchObject({ payload: "stays", priority: 0 });
  });

  test("a job that follows a running one, and is freed when that has ended", async () => {
    const options = { queue: "followed", latest: { key: "follow" } };
    await producer.enqueue("t", 1, options);
    const [run] = await claim("followed");
    const follower = await producer.enqueue("t", 2, options);

    expect((await queue.get(follower.id)).runAt).toBeNull();
    await queue.runs.complete([{ id: run?.id ?? "", leaseToken: run?.leaseToken ?? 0 }]);
    expect(await claim("followed")).toMatchObject([{ id: follower.id, payload: 2 }]);
  });

  test("a job with a key whose scope is over", async () => {
    const options = { queue: "freed", idempotencyKey: "free", keyScope: "queued" as const };
    await producer.enqueue("t", 1, options);
    await claim("freed");

    expect(await producer.enqueue("t", 2, options)).toMatchObject({ outcome: "enqueued" });
  });

  test("a job with a key that another transaction holds, after that transaction has ended", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await queue.enqueue("t", 1, { tx: client, idempotencyKey: "held" });

    const waiting = producer.enqueue("t", 2, { idempotencyKey: "held" });
    await untilBlocked(pool);
    await client.query("ROLLBACK");
    client.release();

    expect(await waiting).toMatchObject({ outcome: "enqueued" });
  });

  test("by the SQL function and by the view, and a taken key gives the job that has it", async () => {
    const call = "SELECT millrace.enqueue('t', $1, idempotency_key => 'sql') AS id";
    const first = await asProducer.query(call, [{ text: LARGE }]);
    const second = await asProducer.query(call, ["{}"]);
    const viewed = await asProducer.query(
      "INSERT INTO millrace.jobs (type, payload, idempotency_key) VALUES ('t', $1, 'view') RETURNING id",
      [{ text: LARGE }],
    );

    expect(second.rows).toEqual(first.rows);
    expect((await queue.get(viewed.rows[0].id)).payload).toEqual({ text: LARGE });
  });

  test("by the SQL function, with a key whose scope is over", async () => {
    const options = { queue: "sql-freed", idempotencyKey: "sql-free", keyScope: "queued" as const };
    const { id } = await producer.enqueue("t", 1, options);
    await claim("sql-freed");

    const { rows } = await asProducer.query(
      "SELECT millrace.enqueue('t', idempotency_key => 'sql-free') AS id",
    );

    expect(rows[0].id).not.toBe(id);
  });

  test("a job of a schedule that exists, and none of one that does not", async () => {
    const { rows } = await pool.query(
      "INSERT INTO millrace.job_schedules (name, job_type, every_ms) VALUES ('s', 't', 1000) RETURNING id",
    );
    const { id } = await producer.enqueue("t", {}, { scheduleId: rows[0].id });

    expect((await queue.get(id)).scheduleId).toBe(rows[0].id);
    await expect(producer.enqueue("t", {}, { scheduleId: id })).rejects.toMatchObject({ code: "23503" });
  });
});

describe("a producer may not", () => {
  const commands: Record<string, (id: string) => Promise<unknown>> = {
    get: (id) => producer.get(id),
    list: () => producer.list(),
    texts: (id) => producer.texts([id]),
    cancel: (id) => producer.cancel(id),
    retry: (id) => producer.retry(id),
    "run now": (id) => producer.runNow(id),
    change: (id) => producer.change(id, { priority: 7 }),
    delete: () => producer.deleteMany({ queue: "untouched" }),
    pause: () => producer.pause("untouched"),
    claim: () => producer.runs.claim({ workerId: "p", queues: ["untouched"], limit: 1, leaseSeconds: 30 }),
    prune: () => producer.prune({ olderThanMs: 0 }),
    audit: () => producer.audit(),
  };

  test.each(Object.keys(commands))("%s", async (name) => {
    const { id } = await queue.enqueue("t", { n: 1 }, { queue: "untouched" });
    const before = await queue.get(id);

    await expect(commands[name]?.(id)).rejects.toMatchObject({ code: "42501" });

    expect(await queue.get(id)).toEqual(before);
  });

  test("replace a job by a key that the job does not have", async () => {
    const { id } = await queue.enqueue("t", "stays", { idempotencyKey: "own", delayMs: 60_000 });

    const { rows } = await asProducer.query(
      `SELECT * FROM millrace.replace_jobs(ARRAY[$1::uuid], ARRAY['another'], ARRAY['q'], ARRAY['t'], ARRAY['"x"'],
         ARRAY[0::smallint], ARRAY[now()], ARRAY[0::float8], ARRAY[1], ARRAY[NULL::uuid], true, ARRAY[NULL::jsonb],
         ARRAY[NULL::float8], NULL)`,
      [id],
    );

    expect(rows).toEqual([]);
    expect((await queue.get(id)).payload).toBe("stays");
  });

  test("free a key that is in use", async () => {
    const { id } = await queue.enqueue("t", {}, { idempotencyKey: "in-use", keyScope: "active" });

    const { rows } = await asProducer.query(
      "SELECT millrace.free_expired_keys(ARRAY[$1::uuid], ARRAY['in-use'], NULL) AS freed",
      [id],
    );

    expect(rows).toEqual([{ freed: false }]);
    expect((await queue.findByKey("in-use"))?.id).toBe(id);
  });

  test("make a follower run before its first job has ended", async () => {
    const options = { queue: "early", latest: { key: "early" } };
    await queue.enqueue("t", 1, options);
    await claim("early");
    const { id } = await queue.enqueue("t", 2, options);

    await asProducer.query("SELECT millrace.free_followers(ARRAY[$1::uuid], false)", [id]);

    expect((await queue.get(id)).runAt).toBeNull();
  });
});

test("an enqueue of a producer wakes a worker that sleeps", async () => {
  const listener = await pool.connect();
  const heard: (string | undefined)[] = [];
  listener.on("notification", ({ payload }) => heard.push(payload));
  await listener.query("LISTEN millrace_jobs");
  await pool.query(
    "INSERT INTO millrace.workers (worker_id, queues, types, asleep) VALUES ('s', '{woken}', '{t}', true)",
  );

  await producer.enqueue("t", {}, { queue: "woken" });

  await waitFor(() => heard.includes("0:woken"), { description: "the notice" });
  listener.release(true);
});
