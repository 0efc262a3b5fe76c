import { describe, expect, test } from "vitest";
import { createQueue, type Queue } from "./queue.ts";

const ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

const KIND = { type: "t", queue: "q", fingerprint: "Error: f" };

/** Calls as JavaScript can make them: the types refuse them all. */
type Loose = { [Name in keyof Omit<Queue, "runs">]: (...given: unknown[]) => Promise<unknown> };

/** What a call is refused with. No statement may reach the database. */
async function refusalOf(call: (queue: Loose) => Promise<unknown>) {
  const statements: string[] = [];
  const queue = createQueue({
    async query(text) {
      statements.push(text);
      return { rows: [] };
    },
  });
  // The boundary: the queue, called without its types.
  const refused = await call(queue as unknown as Loose).then(
    () => ({ message: "accepted" }),
    (error: Error) => error,
  );
  expect(statements).toEqual([]);
  return refused;
}

const REFUSED: readonly [string, (queue: Loose) => Promise<unknown>, string][] = [
  ["explain", (q) => q.explain("x"), "Expected `id` to be an id"],
  ["failures", (q) => q.failures({ quue: "a" }), "`filter.quue` is unknown; did you mean `queue`?"],
  ["failures", (q) => q.failures({ type: undefined }), "`filter.type` is undefined"],
  ["failures", (q) => q.failures({ type: "" }), "Expected `type` to be a string of 1 to 100 characters"],
  ["failures", (q) => q.failures({ finishedAfter: "today" }), "Expected `finishedAfter` to be a valid Date"],
  ["failures", (q) => q.failures({ limit: 1_001 }), "Expected `limit` to be an integer from 1 to 1000"],
  ["failures", (q) => q.failures({ jobs: 0 }), "Expected `jobs` to be an integer from 1 to 1000000"],
  ["failures", (q) => q.failures({ signal: 1 }), "Expected `signal` to be an AbortSignal"],
  ["failures", (q) => q.failures(null), "`filter` must be an object"],
  ["depths", (q) => q.depths({ mx: 1 }), "`options.mx` is unknown; did you mean `max`?"],
  ["depths", (q) => q.depths({ max: 0 }), "Expected `max` to be an integer from 1 to 1000000"],
  ["count", (q) => q.count({ limit: 1 }), "`filter.limit` is unknown"],
  ["count", (q) => q.count({}, { rows: 1.5 }), "Expected `rows` to be an integer from 1 to 1000000"],
  ["count", (q) => q.count({}, { max: undefined }), "`options.max` is undefined"],
  ["search", (q) => q.search({ quue: "a" }), "`filter.quue` is unknown; did you mean `queue`?"],
  ["search", (q) => q.search({ before: "x" }), "Expected `before` to be an id"],
  ["search", (q) => q.search({ limit: 1_001 }), "Expected `limit` to be an integer from 1 to 1000"],
  ["search", (q) => q.search({}, { rows: 0 }), "Expected `rows` to be an integer from 1 to 1000000"],
  ["search", (q) => q.search({}, { limit: 1 }), "`options.limit` is unknown"],
  ["search", (q) => q.search(null), "`filter` must be an object"],
  [
    "search",
    (q) => q.search({ order: "oldest-due", before: `2026-13-40T00:00:00+00:00/${ID}` }),
    "Expected `before` to be the `before` of an earlier page",
  ],
  ["texts", (q) => q.texts([ID], { bytes: 1 }), "`options.bytes` is unknown"],
  ["texts", (q) => q.texts(["x"]), "Expected `ids` to be an id"],
  ["texts", (q) => q.texts(ID), "Expected `ids` to be an array of at most 1000 ids"],
  ["texts", (q) => q.texts([ID], { bytesMax: 0 }), "Expected `bytesMax` to be an integer from 1"],
  ["runsOf", (q) => q.runsOf(["w"], { limit: 0 }), "Expected `limit` to be an integer from 1 to 1000"],
  ["runsOf", (q) => q.runsOf([""]), "Expected `workerIds` to be a string of 1 to 100 characters"],
  ["runsOf", (q) => q.runsOf("w"), "Expected `workerIds` to be an array of at most 1000 texts"],
  [
    "idsOfKind",
    (q) => q.idsOfKind({ type: "t", queue: "q" }),
    "Expected `kind.fingerprint` to be a fingerprint",
  ],
  ["idsOfKind", (q) => q.idsOfKind({ ...KIND, count: 1 }), "`kind.count` is unknown"],
  ["idsOfKind", (q) => q.idsOfKind({ ...KIND, type: "" }), "Expected `kind.type` to be a string of 1 to 100"],
  ["idsOfKind", (q) => q.idsOfKind(KIND, { before: "x" }), "Expected `before` to be an id"],
  [
    "idsOfKind",
    (q) => q.idsOfKind(KIND, { limit: 10_001 }),
    "Expected `limit` to be an integer from 1 to 10000",
  ],
  ["duplicate", (q) => q.duplicate("x"), "Expected `id` to be an id"],
  ["audit", (q) => q.audit({ id: ID }), "`filter.id` is unknown"],
  ["audit", (q) => q.audit({ before: 7 }), "Expected `before` to be an id"],
  ["audit", (q) => q.audit({ commandId: "x" }), "Expected `commandId` to be an id"],
  ["audit", (q) => q.audit({ limit: 0 }), "Expected `limit` to be an integer from 1 to 1000"],
  ["queueSettings", (q) => q.queueSettings(""), "Expected `name` to be a string of 1 to 100 characters"],
  ["setQueue", (q) => q.setQueue("", null), "Expected `name` to be a string of 1 to 100 characters"],
  ["setQueue", (q) => q.setQueue("q"), "`settings` must be an object"],
  [
    "setQueue",
    (q) => q.setQueue("q", { timeout: 1 }),
    "`settings.timeout` is unknown; did you mean `timeoutMs`?",
  ],
  ["setQueue", (q) => q.setQueue("q", { timeoutMs: undefined }), "`settings.timeoutMs` is undefined"],
  ["setQueue", (q) => q.setQueue("q", { timeoutMs: 0 }), "`settings.timeoutMs` to be an integer from 1"],
  ["setQueue", (q) => q.setQueue("q", { retentionMs: -1 }), "`settings.retentionMs` to be an integer from 0"],
  ["setQueue", (q) => q.setQueue("q", { backoff: { base: 1 } }), "`settings.backoff.base` is unknown"],
  [
    "setQueue",
    (q) => q.setQueue("q", { backoff: { capMs: 1.5 } }),
    "`settings.backoff.capMs` to be an integer",
  ],
  ["setQueue", (q) => q.setQueue("q", { deadLetter: "t" }), "`settings.deadLetter` must be an object"],
  ["setQueue", (q) => q.setQueue("q", { deadLetter: {} }), "`settings.deadLetter.type` to be a string"],
  [
    "setQueue",
    (q) => q.setQueue("q", { deadLetter: { type: "t", queue: "" } }),
    "`settings.deadLetter.queue`",
  ],
  ["retryMany", (q) => q.retryMany({ all: true }, null), "`options` must be an object"],
  ["prune", (q) => q.prune(null), "`options` must be an object"],
];

describe("a command names what it does not know, and reaches no database", () => {
  test.each(REFUSED.map(([command, call, message]) => ({ command, call, message })))(
    "$command: $message",
    async ({ call, message }) => {
      expect(await refusalOf(call)).toMatchObject({
        message: expect.stringContaining(message),
        code: "INVALID_OPTION",
      });
    },
  );
});

describe("createQueue refuses", () => {
  const pool = { query: async () => ({ rows: [] }), connect: () => {}, totalCount: 0 };
  const audit = { who: "ada", via: "test" };

  test.each<[unknown, string]>([
    [{ audti: audit }, "`options.audti` is unknown; did you mean `audit`?"],
    [{ audit: undefined }, "`options.audit` is undefined"],
    [{ audit: "ada" }, "`audit` must be an object"],
    [{ audit: { who: "ada" } }, "Expected `audit.via` to be a string of 1 to 200 characters"],
    [{ audit: { ...audit, who: "" } }, "Expected `audit.who` to be a string of 1 to 200 characters"],
    [{ audit: { ...audit, when: 1 } }, "`audit.when` is unknown"],
  ])("%o", (options, message) => {
    const create = () => createQueue(pool, options as Parameters<typeof createQueue>[1]);

    expect(create).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(create).toThrow(message);
  });

  test("an audit on a connection, where no transaction can be begun", () => {
    expect(() => createQueue({ query: async () => ({ rows: [] }) }, { audit })).toThrow(
      "`audit` needs a database on which transactions can be begun",
    );
    expect(createQueue(pool, { audit })).toBeDefined();
  });
});
