import { spawnSync } from "node:child_process";
import { heldClock, startProxy, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { expect, test } from "vitest";
import { isTransient, NoAnswerError, systemClock } from "../src/index.ts";
import { limitedExecutor } from "../src/postgres/limited-executor.ts";

const database = useTestDatabase();

/** A limit that the test lets pass: it is counted in ten steps. */
const STEP_MS = 100;
const clock = heldClock((ms) => ms === STEP_MS);
const LIMIT = { ms: 10 * STEP_MS, after: clock.after };

/** Lets the whole limit pass for what waits now. */
function passLimit(): void {
  for (let step = 0; step < 10; step += 1) clock.pass(STEP_MS);
}

test("a connection that does not answer in time is replaced; its statement fails, and may be sent again", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const pool = new pg.Pool({ connectionString: proxy.url });
  // A pool ends before its connections do, and what is left of those is cut when the database goes.
  pool.on("error", () => undefined);
  const db = limitedExecutor(pool, LIMIT);
  await db.query("SELECT 'first'");
  proxy.stall("first");

  const waiting = db.query("SELECT 'second'").catch((reason: unknown) => reason);
  await waitFor(() => proxy.sent("second") === 1, { description: "the statement to be sent" });
  passLimit();
  const error = await waiting;

  expect(error).toBeInstanceOf(NoAnswerError);
  expect(isTransient(error)).toBe(true);
  expect((await db.query("SELECT 3 AS n")).rows).toEqual([{ n: 3 }]);
  expect([pool.totalCount, proxy.sent("SELECT")]).toEqual([1, 2]);
  await pool.end();
});

test("a statement that was not sent in time is never sent, and leaves its connection to others", async () => {
  const pool = database.pool({ max: 1 });
  const db = limitedExecutor(pool, LIMIT);
  await pool.query("CREATE TABLE public.late (id int)");
  const client = await pool.connect();

  const waiting = db.query("INSERT INTO public.late VALUES (1)");
  passLimit();
  await expect(waiting).rejects.toThrow(NoAnswerError);
  client.release();

  expect((await db.query("SELECT FROM public.late")).rows).toEqual([]);
  expect([pool.totalCount, pool.waitingCount]).toEqual([1, 0]);
});

test("an answer that came while the event loop was blocked is taken, however long that was", async () => {
  const pool = database.pool();
  const limit = { ms: 200, after: systemClock.after };
  const db = limitedExecutor(pool, limit);
  await pool.query("SELECT 'connected'");
  const since = performance.now();

  const answer = db.query("SELECT 'answered' AS word");
  await new Promise(setImmediate);
  blockUntilAnswered("SELECT 'answered' AS word");
  while (performance.now() < since + 2 * limit.ms);

  expect((await answer).rows).toEqual([{ word: "answered" }]);
});

/** Blocks this process's event loop until PostgreSQL has given the answer to a statement. */
function blockUntilAnswered(statement: string): void {
  const script = `
    import pg from "pg";
    const [url, statement] = process.argv.slice(1);
    const client = new pg.Client(url);
    await client.connect();
    const answered =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query = $1";
    while ((await client.query(answered, [statement])).rowCount === 0);
    await client.end();`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script, database.url, statement],
    { encoding: "utf8" },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

test("a statement that PostgreSQL refuses fails with what it says", async () => {
  const db = limitedExecutor(database.pool(), LIMIT);

  await expect(db.query("SELECT 1 / $1::int", [0])).rejects.toMatchObject({ code: "22012" });
});
