import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Api, createApi } from "../src/create-api.ts";
import { answerCheck } from "./fuzz/answer-check.ts";
import type { Known } from "./fuzz/arbitrary-of.ts";
import { operationsOf } from "./fuzz/document.ts";
import { type FuzzRequest, requestOf } from "./fuzz/request-of.ts";

const SEED = Number(process.env["MILLRACE_TEST_SEED"] ?? Date.now() % 1_000_000);
const RUNS = 50;
const ORIGIN = "http://ops.test";

/** Values that the library takes, where a schema alone says too little. */
const GOOD_VALUES: Known["fields"] = {
  ...{
    name: ["n1", "n2", "n3"],
    jobType: ["t"],
    cron: ["0 0 1 1 *", "*/7 * * * *"],
    timezone: ["Europe/Berlin"],
  },
  ...{
    everyMs: [null],
    anchor: [null],
    startsAt: [null],
    endsAt: [null],
    overlap: ["skip"],
    maxRuns: [null, 5],
  },
  ...{
    payload: ["{}", '{"secret": 1}', "12345678901234567890"],
    metadata: ["{}"],
    tags: [["x"]],
    queue: ["q"],
  },
  ...{
    priority: [0, 3],
    maxAttempts: [1, 3],
    jitterMs: [0, 5],
    delayMs: [0],
    idempotencyKey: ["k"],
    count: [3],
  },
  ...{ enabled: ["true", "false"], hours: [1, 24], limit: [1, 20], state: ["failed", "queued"], tag: ["x"] },
  ...{ backoff: [{ baseMs: 5 }], deadLetter: [{ type: "d" }], ttlMs: [60_000], type: ["t"] },
};

const database = useTestDatabase();
let pool: pg.Pool;
let api: Api;
const failures: unknown[] = [];

beforeAll(() => {
  pool = database.pool();
  api = apiOf(database.url);
});
afterAll(() => api.close());

const apiOf = (db: string) =>
  createApi({ db, authorize: () => "all", onError: (error) => failures.push(error), redact: ["secret"] });

/** Fills the database anew, and returns the names and ids that are there. */
async function filled(): Promise<Known> {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_schedules, millrace.audit_log CASCADE`);
  const queue = createQueue(pool, { audit: { who: "test", via: "test" } });
  const schedules = createSchedules(pool, { audit: { who: "test", via: "test" } });
  const jobs = Array.from({ length: 12 }, (_, n) => ({
    ...{ type: "t", payload: { n, secret: "s" }, queue: n % 2 === 0 ? "q" : "a/b", tags: ["x"] },
  }));
  const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id);
  for (const id of ids.slice(0, 4)) await queue.cancel(id);
  await queue.runs.claim({ workerId: "w", types: ["t"], queues: ["q"], limit: 2, leaseSeconds: 60 });
  await schedules.create({ name: "s", jobType: "t", cron: "0 0 1 1 *" });
  await schedules.create({ name: "a/b", jobType: "t", everyMs: 3_600_000, payload: { secret: 1 } });
  const canceled = (await queue.audit()).find(({ action }) => action === "cancel");
  return {
    ids,
    texts: ["s", "a/b", "q", "t", "x", "failed", "3600000", "10"],
    fields: { ...GOOD_VALUES, "{commandId}": [canceled?.commandId], "{id}": ids, "{name}": ["s", "a/b"] },
  };
}

async function send({ method, target, body }: FuzzRequest): Promise<Response> {
  const headers = body === null ? {} : { "content-type": "application/json" };
  return api(new Request(`${ORIGIN}${target}`, { method, headers, ...(body === null ? {} : { body }) }));
}

const document = await documentOf();

/** The document needs no database. */
async function documentOf(): Promise<unknown> {
  const bare = apiOf("postgres://localhost/none");
  const answer = await bare(new Request(`${ORIGIN}/openapi.json`));
  await bare.close();
  return answer.json();
}

describe(`to random requests (MILLRACE_TEST_SEED=${SEED}), the API answers as its own document says:`, () => {
  let known: Known;

  beforeEach(async () => {
    known = await filled();
  });

  test.each(operationsOf(document))("$method $path", async (operation) => {
    const wrong = answerCheck(operation);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(requestOf(operation, known), async (request) => {
        const response = await send(request);
        statuses.add(response.status);
        expect({ wrong: await wrong(response), failures: failures.splice(0) }).toEqual({
          wrong: null,
          failures: [],
        });
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
    // Requests that were all refused would show nothing. Nobody can log in at this API.
    if (operation.path !== "/session/login") expect([...statuses].some((status) => status < 300)).toBe(true);
  });
});
