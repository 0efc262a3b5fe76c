import { isDeepStrictEqual } from "node:util";
import { MillraceError, sqlStateOf } from "@millrace/base";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, defineTask, JsonText, type JsonValue, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const nestedObjects = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

/** Payloads as JSON text. */
const PAYLOADS: Readonly<Record<string, string>> = {
  "10 MB": JSON.stringify({ text: "x".repeat(10_000_000) }),
  "4 MiB, the most": JSON.stringify("x".repeat(4_194_302)),
  "a NUL": '"a\\u0000b"',
  "a NUL in a key": '{"a\\u0000b":1}',
  "half a surrogate pair": '"\\ud800"',
  "the other half": '"\\udc00 x"',
  "half a pair in a key": '{"\\ud83d":1}',
  "a whole pair": '"\\ud83d\\ude00"',
  "arrays 1,000 deep": nested(1_000),
  "arrays 10,000 deep": nested(10_000),
  "arrays 100,000 deep": nested(100_000),
  "objects 10,000 deep": nestedObjects(10_000),
  "a prototype": '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  "keys that are twice there": '{"a":1,"a":2}',
  "numeric keys": '{"2":1,"1":2,"":3}',
  "the largest number": "1.7976931348623157e308",
  "the smallest number": "5e-324",
  "texts that look like SQL": JSON.stringify([
    "'; DROP TABLE millrace.waiting_jobs; --",
    "$1",
    "\\",
    "E'\\\\'",
  ]),
  "control characters": JSON.stringify(Array.from({ length: 31 }, (_, n) => String.fromCharCode(n + 1))),
  "characters that change the direction": JSON.stringify("\u202e\u2066\ufeff\u0085\u2028"),
};

/** Numbers that a JavaScript value cannot have. */
const AS_TEXT: Readonly<Record<string, string>> = {
  ...PAYLOADS,
  "a number beyond those of JavaScript": "1e400",
  "a number of a million digits": "9".repeat(1_000_000),
  "a number with a great exponent": "1e131072",
  "an integer that JavaScript rounds": "9007199254740993",
};

const ways: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  "a value with a key": (text) => queue.enqueue("t", JSON.parse(text) as JsonValue, { idempotencyKey: "k" }),
  "a value of a task": (text) =>
    queue.enqueue(defineTask({ name: "t", payload: z.unknown(), run: () => undefined }), JSON.parse(text)),
};

const textWays: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  "JSON text": (text) => queue.enqueue("t", new JsonText(text)),
  "the SQL function": (text) => pool.query("SELECT millrace.enqueue('t', $1::jsonb)", [text]),
  "the view": (text) =>
    pool.query("INSERT INTO millrace.jobs (type, payload) VALUES ('t', $1::jsonb)", [text]),
};

/** PostgreSQL's texts of the stored payloads. */
async function stored(): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(
    "SELECT payload::text AS text FROM millrace.jobs ORDER BY id",
  );
  return rows.map(({ text }) => text);
}

/** How many rows the tables of jobs have, so that a row that belongs to no job is seen. */
async function rowCounts(): Promise<unknown> {
  const { rows } = await pool.query(
    `SELECT (SELECT count(*) FROM millrace.waiting_jobs)::int AS jobs,
            (SELECT count(*) FROM millrace.job_payloads)::int AS payloads,
            (SELECT count(*) FROM millrace.job_keys)::int AS keys`,
  );
  return rows[0];
}

const NOTHING = { jobs: 0, payloads: 0, keys: 0 };

/** Classes of SQLSTATEs that tell of the statement's values: bad data, and a limit of the server. */
const DATA = /^(22|54)/;

/** Enqueues, and checks that the payload is stored whole, or refused by an error with a code, and nothing is stored. */
async function wholeOrRefused(enqueue: () => Promise<unknown>, whole: string): Promise<void> {
  let refused: unknown;
  try {
    await enqueue();
  } catch (error) {
    refused = error;
  }
  if (refused !== undefined) {
    const isTyped = refused instanceof MillraceError || DATA.test(sqlStateOf(refused) ?? "");
    expect({ isTyped, refused: isTyped ? "" : String(refused).slice(0, 200) }).toEqual({
      isTyped: true,
      refused: "",
    });
    expect(await rowCounts()).toEqual(NOTHING);
    return;
  }
  const { rows } = await pool.query<{ same: boolean }>("SELECT $1::jsonb = $2::jsonb AS same", [
    (await stored()).at(-1),
    whole,
  ]);
  expect(rows).toEqual([{ same: true }]);
  const job = (await queue.runs.claim({ workerId: "w", queues: ["default"], limit: 9, leaseSeconds: 30 })).at(
    -1,
  );
  // Not compared value by value: some are nested deeper than the comparison can go.
  expect(isDeepStrictEqualText(job?.payload, whole)).toBe(true);
}

/** Whether a value is what a JSON text says. */
function isDeepStrictEqualText(value: unknown, text: string): boolean {
  const expected: unknown = JSON.parse(text);
  let [a, b] = [value, expected];
  // Goes down by hand where there is one way: `isDeepStrictEqual` calls itself.
  for (let next = onlyChild(a); next !== undefined && onlyChild(b) !== undefined; next = onlyChild(a)) {
    [a, b] = [next.value, onlyChild(b)?.value];
  }
  return isDeepStrictEqual(a, b);
}

function onlyChild(value: unknown): { value: unknown } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.values(value);
  return entries.length === 1 ? { value: entries[0] } : undefined;
}

describe.each(Object.keys(ways))("given as %s", (way) => {
  test.each(Object.keys(PAYLOADS))(
    "%s is stored and read whole, or refused and not stored at all",
    async (name) => {
      const text = PAYLOADS[name] ?? "";
      // What JavaScript's own reading of the text loses, no enqueue can keep.
      const given =
        text.length > 20_000 || /\[{9}|\{"a":\{/.test(text) ? text : JSON.stringify(JSON.parse(text));
      await wholeOrRefused(async () => ways[way]?.(text), given);
    },
  );
});

describe.each(Object.keys(textWays))("given by %s", (way) => {
  test.each(Object.keys(AS_TEXT))(
    "%s is stored and read whole, or refused and not stored at all",
    async (name) => {
      const text = AS_TEXT[name] ?? "";
      await wholeOrRefused(async () => textWays[way]?.(text), text);
    },
  );
});

test("no payload changes the prototype of objects", async () => {
  await queue.enqueue("t", JSON.parse(PAYLOADS["a prototype"] ?? "") as JsonValue);
  await queue.runs.claim({ workerId: "w", queues: ["default"], limit: 1, leaseSeconds: 30 });

  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("a payload that is too large is refused by every way", async () => {
  const text = JSON.stringify("x".repeat(4_194_303));

  for (const enqueue of [...Object.values(ways), ...Object.values(textWays)]) {
    await expect(enqueue(text)).rejects.toThrow(/4194304|at most|too large/);
  }
  expect(await rowCounts()).toEqual(NOTHING);
});
