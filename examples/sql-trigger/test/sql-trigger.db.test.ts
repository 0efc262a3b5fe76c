import { readFileSync } from "node:fs";
import { createQueue, createWorker } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testing/vitest";
import type { Pool } from "pg";
import { beforeAll, expect, test } from "vitest";
import { sendWelcome } from "../src/send-welcome.ts";

const database = useTestDatabase();
let pool: Pool;
beforeAll(async () => {
  pool = database.pool();
  await pool.query(readFileSync(new URL("../src/tables.sql", import.meta.url), "utf8"));
});

test("an INSERT of plain SQL enqueues a welcome, which a worker runs", async () => {
  await pool.query("INSERT INTO customers (email) VALUES ('ada@example.com'), ('grace@example.com')");

  const counts = await createWorker({ db: pool, tasks: [sendWelcome(pool)] }).runUntilEmpty();

  expect(counts).toMatchObject({ completed: 2, failed: 0 });
  const { rows } = await pool.query(
    "SELECT email FROM customers WHERE welcomed_at IS NOT NULL ORDER BY email",
  );
  expect(rows).toEqual([{ email: "ada@example.com" }, { email: "grace@example.com" }]);
});

test("an INSERT that is rolled back leaves no job", async () => {
  const client = await pool.connect();
  await client.query("BEGIN; INSERT INTO customers (email) VALUES ('mary@example.com'); ROLLBACK");
  client.release();

  expect(await createQueue(pool).list({ state: "queued" })).toEqual([]);
});
