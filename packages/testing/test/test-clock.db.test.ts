import { createTestDatabase as cloneTemplate } from "@millrace/testpg";
import pg from "pg";
import { beforeAll, expect, inject, test } from "vitest";
import { createTestQueue } from "../src/index.ts";
import { useTestDatabase } from "../src/vitest.ts";
import { orderTask } from "./tasks.ts";

const database = useTestDatabase();
const tasks = [orderTask("charge")];
let pool: pg.Pool;
beforeAll(() => {
  pool = database.pool();
});

/** How far an instant of the database lies before the machine's clock, in whole hours. */
async function hoursAhead(expression: string): Promise<number> {
  const { rows } = await pool.query(
    `SELECT round(extract(epoch FROM ${expression} - pg_catalog.clock_timestamp()) / 3600)::int AS hours`,
  );
  return rows[0].hours;
}

test("the clock moves for every way to ask PostgreSQL, in every session", async () => {
  const jobs = createTestQueue({ pool, tasks });
  const other = database.pool();
  const client = await other.connect();
  await client.query("SELECT now()");
  // Another test may have moved the clock already.
  const ahead = (await hoursAhead("now()")) + 48;

  await jobs.advance(48 * 3_600_000);

  for (const clock of ["now()", "transaction_timestamp()", "statement_timestamp()", "clock_timestamp()"]) {
    expect(await hoursAhead(clock), clock).toBe(ahead);
  }
  expect(await hoursAhead("pinned_now()")).toBe(ahead);
  const { rows } = await client.query(
    "SELECT round(extract(epoch FROM now() - pg_catalog.now()) / 3600)::int AS h",
  );
  client.release();
  expect(rows[0].h).toBe(ahead);
});

test("defaults of columns follow the clock: of the application's tables, and of Millrace's", async () => {
  const jobs = createTestQueue({ pool, tasks });
  await jobs.travelTo(new Date("2031-05-06T07:00:00Z"));

  await pool.query("INSERT INTO orders (id) VALUES (1)");
  await pool.query("INSERT INTO notes (id) VALUES (1)");
  const { id } = await jobs.queue.enqueue("charge", { orderId: 1 });
  const fromSql = await pool.query("SELECT millrace.enqueue('charge', '{\"orderId\": 2}') AS id");

  const { rows } = await pool.query(
    "SELECT placed_at::text, at::text, until::text FROM orders, notes WHERE orders.id = 1 AND notes.id = 1",
  );
  expect(rows[0].placed_at).toMatch(/^2031-05-06 07:/);
  expect(rows[0].at).toMatch(/^2031-05-06 07:/);
  expect(rows[0].until).toMatch(/^2031-05-06 08:/);
  for (const each of [id, fromSql.rows[0].id]) {
    const job = await jobs.queue.get(each);
    expect(job.runAt?.toISOString()).toMatch(/^2031-05-06T07:/);
    expect(job.createdAt.toISOString()).toMatch(/^2031-05-06T07:/);
  }
});

test("the clock does not go back once there are jobs", async () => {
  const jobs = createTestQueue({ pool, tasks });
  await jobs.queue.enqueue("charge", { orderId: 3 });
  const before = await jobs.now();

  await expect(jobs.travelTo(new Date("2020-01-01T00:00:00Z"))).rejects.toMatchObject({
    code: "TEST_CLOCK_BACKWARDS",
  });

  expect((await jobs.now()).getTime()).toBeGreaterThanOrEqual(before.getTime());
});

test("a database without a test clock is left alone, and so is a session that hides it", async () => {
  const { serverUrl } = inject("millraceTestDatabase");
  const plain = await cloneTemplate({ serverUrl });
  const plainPool = new pg.Pool({ connectionString: plain.url });
  const hidden = database.pool({ options: "-c search_path=public" });

  await expect(createTestQueue({ pool: plainPool, tasks }).advance(1)).rejects.toMatchObject({
    code: "NO_TEST_CLOCK",
  });
  await expect(createTestQueue({ pool: hidden, tasks }).advance(1)).rejects.toMatchObject({
    code: "TEST_CLOCK_HIDDEN",
    message: expect.stringContaining("millrace_test_clock, pg_catalog"),
  });
  await plainPool.end();
  await plain.drop();
});

test("the clock takes no step that is not a number of ms, and no instant that is not a date", async () => {
  const jobs = createTestQueue({ pool, tasks });

  await expect(jobs.advance(-1)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await expect(jobs.advance(Number.NaN)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await expect(jobs.travelTo(new Date("no"))).rejects.toMatchObject({ code: "INVALID_OPTION" });
});
