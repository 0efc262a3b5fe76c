import { sqlStateOf } from "@millrace/base";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { anyTask, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

beforeEach(async () => {
  await workers.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues, millrace.workers`);
});

/** Names that are unusual, and that PostgreSQL can store. */
const UNUSUAL = [
  "'; DROP TABLE millrace.waiting_jobs; --",
  '"quoted"',
  "back\\slash",
  "$1",
  "%s %I",
  "a:b",
  "-5:default",
  "cancel:00000000-0000-0000-0000-000000000000:1",
  " leading and trailing ",
  "line\nbreak",
  "tab\tand \u0001",
  "__proto__",
  "constructor",
  "\u202eright to left",
  "\ud83d\ude00",
  "e\u0301 and \u00e9",
  "{a,b}",
  "NULL",
  "x".repeat(100),
  "\ud83d\ude00".repeat(100),
];

/** Names that PostgreSQL cannot store, or that are too long. */
const IMPOSSIBLE = ["a\u0000b", "\ud800", "\udc00x", "", "x".repeat(101), "\ud83d\ude00".repeat(101)];

describe.each(UNUSUAL)("the name %j", (name) => {
  test("of a type, a queue, a key, a tag and a worker is kept through a job's life", async () => {
    const { events } = workers.start([anyTask(name, () => ({ [name]: name }))], {
      queues: [name],
      workerId: name,
    });
    const { queue } = workers;

    const { id } = await queue.enqueue(
      name,
      { [name]: name },
      { queue: name, idempotencyKey: name, tags: [name] },
    );
    await workers.untilState(id, "completed");

    const job = await queue.get(id);
    expect(job).toMatchObject({
      type: name,
      queue: name,
      tags: [name],
      workerId: name,
      idempotencyKey: name,
    });
    // Compared as entries: a key may be `__proto__`.
    expect(Object.entries(job.payload as object)).toEqual([[name, name]]);
    expect(Object.entries(job.output as object)).toEqual([[name, name]]);
    expect((await queue.list({ queue: name, type: name, tags: [name] })).map((each) => each.id)).toEqual([
      id,
    ]);
    expect((await queue.workers()).map((worker) => worker.id)).toEqual([name]);
    await queue.pause(name);
    await queue.resume(name);
    expect(events.filter(({ kind }) => kind === "error")).toEqual([]);
  });

  test("is taken by SQL, and found", async () => {
    const { pool, queue } = workers;
    const { rows } = await pool.query(
      "SELECT millrace.enqueue($1, queue => $1, idempotency_key => $1, tags => ARRAY[$1]) AS id",
      [name],
    );

    expect(await queue.get(rows[0].id)).toMatchObject({
      type: name,
      queue: name,
      tags: [name],
      idempotencyKey: name,
    });
  });
});

describe.each(IMPOSSIBLE.map((name) => ({ name, shown: JSON.stringify(name).slice(0, 30) })))(
  "the name $shown",
  ({ name }) => {
    test("is refused for a type, a queue, a key, a tag, a worker and a command, and nothing is written", async () => {
      const { queue, pool } = workers;
      const long = name.length > 100 ? name.repeat(3) : name;
      const calls: Record<string, () => unknown> = {
        type: () => queue.enqueue(name),
        queue: () => queue.enqueue("t", {}, { queue: name }),
        key: () => queue.enqueue("t", {}, { idempotencyKey: long }),
        debounce: () => queue.enqueue("t", {}, { debounce: { key: long, delayMs: 1 } }),
        tag: () => queue.enqueue("t", {}, { tags: [name] }),
        many: () => queue.enqueueMany([{ type: "t" }, { type: name }]),
        pause: () => queue.pause(name),
        "dead letter": () => queue.enqueue("t", {}, { deadLetter: { type: name } }),
        "worker's queue": () => workers.start([anyTask("t", () => undefined)], { queues: [name] }),
        "worker's id": () => workers.start([anyTask("t", () => undefined)], { workerId: name }),
        "task's name": () => anyTask(name, () => undefined),
        claim: () => queue.runs.claim({ workerId: name, queues: ["default"], limit: 1, leaseSeconds: 30 }),
      };

      const codes: Record<string, unknown> = {};
      for (const [call, make] of Object.entries(calls)) {
        const error = await (async () => make())().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        codes[call] = error instanceof Error && "code" in error ? error.code : error;
      }

      for (const [call, code] of Object.entries(codes)) {
        expect({ call, code }).toEqual({ call, code: expect.stringMatching(/^INVALID_/) });
      }
      const { rows } = await pool.query("SELECT FROM millrace.jobs UNION ALL SELECT FROM millrace.job_keys");
      expect(rows).toEqual([]);
    });

    test("is refused by SQL, and nothing is written", async () => {
      const { pool } = workers;
      const error = await pool.query("SELECT millrace.enqueue($1, idempotency_key => 'k')", [name]).then(
        // A driver sends half a pair as the replacement character, so PostgreSQL gets a name that it can store.
        () => (name.isWellFormed() ? null : { code: "22000" }),
        (thrown: unknown) => thrown,
      );

      expect(sqlStateOf(error) ?? (error as { code?: string } | null)?.code).toMatch(/^22/);
    });
  },
);
