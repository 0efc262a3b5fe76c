import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { claimQueue, countByState, expire } from "../settle/claim-together.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  await pool.query(`
    CREATE FUNCTION refuse_letter() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.type = 'refused-letter' THEN RAISE EXCEPTION 'no such letters'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_letter BEFORE INSERT ON millrace.waiting_jobs FOR EACH ROW EXECUTE FUNCTION refuse_letter()`);
});

afterEach(() => pool.query("DROP FUNCTION refuse_letter CASCADE"));

/** Enqueues jobs of which one has a dead letter that the database refuses, and claims them together. */
async function claimed(name: string, { others, hasRefused }: { others: number; hasRefused: boolean }) {
  await queue.enqueueMany([
    ...(hasRefused ? [{ type: "t", queue: name, deadLetter: "refused-letter" }] : []),
    ...Array.from({ length: others }, () => ({ type: "t", queue: name })),
  ]);
  const { ids } = await claimQueue(pool, { name, count: others + (hasRefused ? 1 : 0) });
  await expire(pool, name);
  return ids;
}

/** Recovers, where each crash fails its job. */
const recover = () => queue.runs.recover({ maxCrashes: 0 });

/** Recovers until a condition holds. A claim is left out while the refused statement before ends. */
const recoverUntil = (description: string, holds: () => Promise<boolean>) =>
  waitFor(
    async () => {
      await recover().catch((error: unknown) => expect(String(error)).toContain("no such letters"));
      return holds();
    },
    { description },
  );

test("a job whose failure the database refuses keeps no other job from being taken back", async () => {
  const ids = [
    ...(await claimed("before", { others: 2, hasRefused: false })),
    ...(await claimed("with", { others: 3, hasRefused: true })),
    ...(await claimed("after", { others: 2, hasRefused: false })),
  ];

  await recoverUntil("the other jobs", async () => (await countByState(pool, ids))["failed"] === 7);

  await expect(recover()).rejects.toThrow("no such letters");
  expect(await countByState(pool, ids)).toEqual({ failed: 7, running: 1 });
});

test("a refused job is taken back when the refusal is gone, and nobody else is harmed meanwhile", async () => {
  const [refused = ""] = await claimed("with", { others: 0, hasRefused: true });
  const { id: late } = await queue.enqueue("t", {}, { queue: "late", startBy: new Date(0) });

  await recoverUntil("the other job", async () => (await queue.get(late)).state === "canceled");
  await expect(recover()).rejects.toThrow("no such letters");
  await pool.query("ALTER TABLE millrace.waiting_jobs DISABLE TRIGGER refuse_letter");

  await recoverUntil("the refused job", async () => (await queue.get(refused)).state === "failed");
  expect(await queue.list({ type: "refused-letter" })).toHaveLength(1);
});
