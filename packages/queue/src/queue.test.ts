import { describe, expect, test } from "vitest";
import { createQueue, type Queue } from "./queue.ts";
import type { Runs } from "./queue-runs.ts";

const ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";
const RUN = { id: ID, leaseToken: 1 };
const CLAIM = { queues: ["q"], workerId: "w", limit: 1, leaseSeconds: 30 };

/** Calls as JavaScript can make them: the types refuse them all. */
type LooseCalls<Methods> = { [Name in keyof Methods]: (...given: unknown[]) => Promise<unknown> };
type Loose = LooseCalls<Omit<Queue, "runs">> & { runs: LooseCalls<Runs> };

/** What a call is refused with; the database answers nothing, because no statement may reach it. */
async function refusalOf(call: (queue: Loose) => unknown) {
  const statements: string[] = [];
  const queue = createQueue({
    async query(text) {
      statements.push(text);
      return { rows: [] };
    },
  });
  const refused = await Promise.resolve()
    // The boundary: the queue, called without its types.
    .then(() => call(queue as unknown as Loose))
    .then(
      () => ({ message: "accepted" }),
      (error: Error) => error,
    );
  expect(statements).toEqual([]);
  return refused;
}

const REFUSED: readonly [string, (queue: Loose) => unknown, string][] = [
  ["enqueue", (q) => q.enqueue("t", {}, { delay: 60_000 }), "`delay` is unknown; did you mean `delayMs`?"],
  ["enqueue", (q) => q.enqueue("t", {}, { queue: undefined }), "`queue` is undefined"],
  ["enqueue", (q) => q.enqueue("t", {}, { type: "u" }), "`type` is unknown"],
  ["enqueue", (q) => q.enqueue("t", {}, { tx: undefined }), "`tx` is undefined"],
  ["enqueue", (q) => q.enqueue("t", {}, { tx: true }), "Expected `tx` to be a pg pool or client"],
  ["enqueue", (q) => q.enqueue("t", {}, "mail"), "`options` must be an object with `tx`, `queue`"],
  ["enqueue", (q) => q.enqueue("t", {}, { priority: null }), "`priority` must be an integer"],
  ["enqueue", (q) => q.enqueue({ name: "t" }, {}), "`task` must be a task that defineTask made"],
  [
    "enqueue",
    (q) => q.enqueue("t", {}, { debounce: { key: "k", delay: 5 } }),
    "`debounce.delay` is unknown; did you mean `delayMs`?",
  ],
  [
    "enqueue",
    (q) => q.enqueue("t", {}, { throttle: { key: "k", period: 5 } }),
    "`throttle.period` is unknown; did you mean `periodMs`?",
  ],
  [
    "enqueue",
    (q) => q.enqueue("t", {}, { idempotencyKey: "k", keyScope: { period: 5 } }),
    "`keyScope.period` is unknown; did you mean `periodMs`?",
  ],
  ["enqueue", (q) => q.enqueue("t", {}, { debounce: { key: "k" } }), "`debounce.delayMs` must be an integer"],
  [
    "enqueue",
    (q) => q.enqueue("t", {}, { debounce: { key: "k", delayMs: 5, maxWaitMs: 4 } }),
    "`debounce.maxWaitMs` must be an integer from 5",
  ],
  ["enqueue", (q) => q.enqueue("t", {}, { latest: { key: "k", delayMs: 5 } }), "`latest.delayMs` is unknown"],
  [
    "enqueue",
    (q) => q.enqueue("t", {}, { latest: { key: "" } }),
    "`latest.key` must be a string of 1 to 255",
  ],
  [
    "enqueueMany",
    (q) => q.enqueueMany([{ type: "t" }, { type: "t", delay: 5 }]),
    "`jobs[1].delay` is unknown",
  ],
  [
    "enqueueMany",
    (q) => q.enqueueMany([{ type: "t", payload: undefined }]),
    "`jobs[0].payload` is undefined",
  ],
  [
    "enqueueMany",
    (q) => q.enqueueMany([{ type: "t", throttle: { key: "k", perMs: 5 } }]),
    "`jobs[0].throttle.perMs` is unknown",
  ],
  ["enqueueMany", (q) => q.enqueueMany([null]), "`jobs[0]` must be an object"],
  ["enqueueMany", (q) => q.enqueueMany([{ task: "t", payload: {} }]), "`jobs[0].task` must be a task"],
  ["enqueueMany", (q) => q.enqueueMany({ type: "t" }), "`jobs` must be an array or another iterable"],
  ["enqueueMany", (q) => q.enqueueMany([], { transaction: 1 }), "`options.transaction` is unknown"],
  ["claim", (q) => q.runs.claim({ ...CLAIM, lim: 1 }), "`options.lim` is unknown; did you mean `limit`?"],
  ["claim", (q) => q.runs.claim({ ...CLAIM, queues: "mail" }), "Expected `queues` to be an array"],
  ["claim", (q) => q.runs.claim(undefined), "`options` must be an object"],
  [
    "recover",
    (q) => q.runs.recover({ maxCrash: 1 }),
    "`options.maxCrash` is unknown; did you mean `maxCrashes`?",
  ],
  ["complete", (q) => q.runs.complete([{ ...RUN, out: 1 }]), "`completions[0].out` is unknown"],
  [
    "complete",
    (q) => q.runs.complete([{ ...RUN, output: {} }]),
    "Expected `completions[0].output` to be JSON text",
  ],
  [
    "complete",
    (q) => q.runs.complete([{ ...RUN, output: `[${Array(40).fill("1e131071").join(",")}]` }]),
    "Expected `completions[0].output` to be JSON text that can be stored and read again",
  ],
  ["complete", (q) => q.runs.complete([RUN], { txn: 1 }), "`options.txn` is unknown; did you mean `tx`?"],
  ["complete", (q) => q.runs.complete([{ id: ID }]), "Expected `completions[0].leaseToken`"],
  [
    "fail",
    (q) => q.runs.fail([{ ...RUN, error: "x" }]),
    "Expected `failures[0].retryInMs` to be a number of ms",
  ],
  ["fail", (q) => q.runs.fail([{ ...RUN, error: "x", retryMs: 1 }]), "`failures[0].retryMs` is unknown"],
  ["release", (q) => q.runs.release([{ ...RUN, delay: 1 }]), "did you mean `delayMs`?"],
  ["extend", (q) => q.runs.extend(undefined, 5), "Expected `leases` to be an array of runs, got undefined."],
  ["extend", (q) => q.runs.extend([null], 5), "`leases[0]` must be an object"],
  [
    "extend",
    (q) => q.runs.extend([RUN, { id: "x", leaseToken: 1 }], 5),
    "Expected `leases[1].id` to be a job id",
  ],
  ["extend", (q) => q.runs.extend([{ ...RUN, leaseToken: 1.5 }], 5), "Expected `leases[0].leaseToken`"],
  ["cancel", (q) => q.cancel(ID, { force: true }), "`options.force` is unknown"],
  ["retry", (q) => q.retry(ID, { delay: 1 }), "`options.delay` is unknown"],
  ["list", (q) => q.list({ stat: "failed" }), "`filter.stat` is unknown; did you mean `state`?"],
  ["list", (q) => q.list({ state: "fialed" }), "Expected `state` to be one of queued"],
  ["list", (q) => q.list({ queue: undefined }), "`filter.queue` is undefined"],
  ["list", (q) => q.list({ queue: null }), "Expected `queue` to be a string"],
  ["list", (q) => q.list({ all: true }), "`filter.all` is unknown"],
  ["list", (q) => q.list({ order: "oldest" }), "Expected `order` to be one of newest, oldest-due"],
  [
    "list",
    (q) => q.list({ order: "oldest-due", state: "failed" }),
    'Expected `state` to be queued, or left out, with the order "oldest-due", got "failed".',
  ],
  ["list", (q) => q.list({ limit: 1_001 }), "Expected `limit` to be an integer from 1 to 1000"],
  ["list", (q) => q.list({ before: "x" }), "Expected `before` to be an id"],
  ["findByKey", (q) => q.findByKey(""), "Expected `key` to be a string of 1 to 255 characters"],
  ["runNow", (q) => q.runNow("x"), "Expected `id` to be an id"],
  ["runNow", (q) => q.runNow(ID, { dry: true }), "`options.dry` is unknown"],
  ["change", (q) => q.change("x", { priority: 1 }), "Expected `id` to be an id"],
  ["change", (q) => q.change(ID, {}), "`change` is empty; name at least one field to change."],
  ["change", (q) => q.change(ID, { type: "u" }), "`type` is unknown"],
  ["change", (q) => q.change(ID, { delay: 5 }), "`delay` is unknown; did you mean `delayMs`?"],
  ["change", (q) => q.change(ID, { queue: undefined }), "`queue` is undefined"],
  ["change", (q) => q.change(ID, { queue: null }), "`queue` must be a string of 1 to 100 characters"],
  ["change", (q) => q.change(ID, { priority: 1.5 }), "`priority` must be an integer"],
  ["change", (q) => q.change(ID, { maxAttempts: 0 }), "`maxAttempts` must be an integer from 1"],
  ["change", (q) => q.change(ID, { delayMs: -1 }), "`delayMs` must be an integer from 0"],
  [
    "change",
    (q) => q.change(ID, { runAt: new Date(), delayMs: 1 }),
    "`delayMs` and `runAt` exclude each other",
  ],
  ["change", (q) => q.change(ID, { idempotencyKey: "" }), "`idempotencyKey` must be a string of 1 to 255"],
  ["change", (q) => q.change(ID, { payload: () => 1 }), "`payload` must be JSON"],
  ["change", (q) => q.change(ID, { payload: "\u0000" }), "`payload` must not contain"],
  [
    "change",
    (q) => q.change(ID, { payload: "x".repeat(4_194_304) }),
    "`payload` must have at most 4194304 bytes",
  ],
  ["change", (q) => q.change(ID, { tags: "vip" }), "`tags` must be an array of at most 20 texts"],
  ["change", (q) => q.change(ID, { metadata: [] }), "`metadata` must be an object"],
  ["change", (q) => q.change(ID, { metadata: new Date(0) }), "`metadata` must be an object"],
  ["change", (q) => q.change(ID, { metadata: { toJSON: () => undefined } }), "`metadata` must be an object"],
  [
    "change",
    (q) => q.change(ID, { tags: new Array(2) }),
    "`tags[0]` must be a string of 1 to 100 characters",
  ],
  ["change", (q) => q.change(ID, "payload"), "`options` must be an object with `payload`"],
  ["prune", (q) => q.prune({ olderThanMs: 0, type: "t" }), "`options.type` is unknown"],
  [
    "prune",
    (q) => q.prune({ keepLast: 1, states: ["running"] }),
    'completed, failed, canceled, got "running"',
  ],
  ["prune", (q) => q.prune({ keepLast: 1, states: "failed" }), "an array of completed, failed, canceled"],
  ["prune", (q) => q.prune({ keepLast: undefined }), "`options.keepLast` is undefined"],
];

describe("a command of the queue names what it does not know, and reaches no database", () => {
  test.each(REFUSED.map(([command, call, message]) => ({ command, call, message })))(
    "$command: $message",
    async ({ call, message }) => {
      expect((await refusalOf(call)).message).toContain(message);
    },
  );

  describe.each(["retryMany", "runNowMany", "cancelMany", "deleteMany"] as const)("%s", (command) => {
    test.each<[object | null, string]>([
      [{}, "An empty `filter` would be every job; give `{ all: true }` if you mean that."],
      [{ all: false }, "Expected `filter.all` to be true"],
      [{ all: true, queue: "q" }, "`filter.all` and `filter.queue` exclude each other"],
      [{ queue: undefined }, "`filter.queue` is undefined"],
      [{ all: undefined }, "`filter.all` is undefined"],
      [{ queue: null }, "Expected `queue` to be a string"],
      [{ typ: "t" }, "`filter.typ` is unknown; did you mean `type`?"],
      [{ ids: ID }, "Expected `ids` to be an array"],
      [{ scheduleId: 7 }, "Expected `scheduleId` to be an id"],
      [{ createdBefore: "2030-01-01" }, "Expected `createdBefore` to be a valid Date"],
      [{ finishedAfter: new Date(Number.NaN) }, "Expected `finishedAfter` to be a valid Date"],
      [{ dueBefore: new Date(8.64e15) }, "Expected `dueBefore` to be a Date in the years 1 to 9999"],
      [{ createdAfter: undefined }, "`filter.createdAfter` is undefined"],
      [{ idPrefix: "019" }, "Expected `idPrefix` to be the first characters of an id"],
      [{ idSuffix: "0f" }, "Expected `idSuffix` to be the last characters of an id"],
      [{ idempotencyKey: "" }, "Expected `idempotencyKey` to be a string of 1 to 255 characters"],
      [{ tags: [] }, "Expected `tags` to be an array of 1 to 20 texts"],
      [{ tags: "vip" }, "Expected `tags` to be an array of 1 to 20 texts"],
      [
        { payloadContains: { order: undefined } },
        "Expected `payloadContains` to be a value that JSON can carry",
      ],
      [
        { payloadContains: [{ order: Number.NaN }] },
        "Expected `payloadContains` to be a value that JSON can carry",
      ],
      [{ payloadContains: new Array(1) }, "Expected `payloadContains` to be a value that JSON can carry"],
      [{ tags: [7] }, "Expected `tags` to be a string of 1 to 100 characters"],
      [{ payloadContains: () => 7 }, "Expected `payloadContains` to be a value that JSON can carry"],
      [{ payloadContains: "\u0000" }, "Expected `payloadContains` to be JSON without"],
      [
        { payloadContains: "x".repeat(20_000) },
        "Expected `payloadContains` to be JSON of at most 16384 bytes",
      ],
      [{ errorIncludes: "" }, "Expected `errorIncludes` to be a string of 1 to 1000 characters"],
      [{ limit: 5 }, "`filter.limit` is unknown"],
      [null, "`filter` must be an object"],
    ])("refuses the filter %j", async (filter, message) => {
      expect((await refusalOf((q) => q[command](filter))).message).toContain(message);
    });

    test.each<[object, string]>([
      [{ batch: 5 }, "`options.batch` is unknown; did you mean `batchSize`?"],
      [{ signal: "stop" }, "Expected `signal` to be an AbortSignal"],
      [{ after: "x" }, "Expected `after` to be an id"],
      [{ limit: 0 }, "Expected `limit` to be an integer from 1"],
      [{ dryRun: "yes" }, "Expected `dryRun` to be true or false"],
    ])("refuses the options %j", async (options, message) => {
      expect((await refusalOf((q) => q[command]({ all: true }, options))).message).toContain(message);
    });

    test("an empty array of ids is no job, and not every job", async () => {
      const queue = createQueue({ query: () => Promise.reject(new Error("a statement was sent")) });

      expect(await queue[command]({ ids: [] })).toMatchObject({ changed: 0, skipped: 0, done: true });
    });
  });

  test.each([
    undefined,
    null,
    {},
    "postgres://u:secret@h/db",
    { connectionString: "postgres://u:secret@h/db" },
  ])("a queue on %o is refused where it is made, and the error shows no secret", (db) => {
    const make = () => createQueue(db as never);

    expect(make).toThrow(/Expected `db` to be a pg pool or client, or a Drizzle database or transaction/);
    expect(make).not.toThrow(/secret/);
  });
});
