import { startProxy } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import pg from "pg";
import { expect, test } from "vitest";
import { isTransient, NoAnswerError, systemClock } from "../src/index.ts";
import { limitedExecutor } from "../src/store/limited-executor.ts";

const database = useTestDatabase();
const within = (ms: number) => ({ ms, after: systemClock.after });

test("a connection that does not answer in time is replaced, and its statement fails as one that may be sent again", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const pool = new pg.Pool({ connectionString: proxy.url });
  const db = limitedExecutor(pool, within(200));
  await db.query("SELECT 'first'");
  proxy.stall("first");

  const error = await db.query("SELECT 'second'").catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(NoAnswerError);
  expect(isTransient(error)).toBe(true);
  expect((await db.query("SELECT 3 AS n")).rows).toEqual([{ n: 3 }]);
  expect([pool.totalCount, proxy.sent("SELECT")]).toEqual([1, 2]);
  await pool.end();
});

test("a statement that was not sent in time is never sent, and the connection it waited for is for others", async () => {
  const pool = database.pool({ max: 1 });
  const db = limitedExecutor(pool, within(50));
  await pool.query("CREATE TABLE public.late (id int)");
  const client = await pool.connect();

  await expect(db.query("INSERT INTO public.late VALUES (1)")).rejects.toThrow(NoAnswerError);
  client.release();

  expect((await db.query("SELECT FROM public.late")).rows).toEqual([]);
  expect([pool.totalCount, pool.waitingCount]).toEqual([1, 0]);
});

test("an answer that came while the event loop was blocked is taken, however long that was", async () => {
  const db = limitedExecutor(database.pool(), within(100));
  await db.query("SELECT 'connected'");

  const answer = db.query("SELECT 1 AS n");
  await new Promise(setImmediate);
  const until = performance.now() + 300;
  while (performance.now() < until);

  expect((await answer).rows).toEqual([{ n: 1 }]);
});

test("a statement that PostgreSQL refuses fails with what it says", async () => {
  const db = limitedExecutor(database.pool(), within(5_000));

  await expect(db.query("SELECT 1 / $1::int", [0])).rejects.toMatchObject({ code: "22012" });
});
