import { startProxy, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { expect, test } from "vitest";
import { inPoolTransaction, isTransient, NoAnswerError, onConnection } from "../src/index.ts";
import { inTransaction } from "../src/postgres/in-transaction.ts";

const database = useTestDatabase();

/** A limit whose time passes when told to. */
function limitByHand() {
  const timers = new Set<() => void>();
  const stop = new AbortController();
  return {
    stop,
    limit: {
      ms: 30_000,
      signal: stop.signal,
      after(_ms: number, callback: () => void) {
        timers.add(callback);
        return () => void timers.delete(callback);
      },
    },
    get waits() {
      return timers.size;
    },
    pass() {
      while (timers.size > 0) {
        for (const timer of [...timers]) {
          timers.delete(timer);
          timer();
        }
      }
    },
  };
}

test("a transaction whose connection goes silent fails when its time is up; the connection is replaced", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const pool = new pg.Pool({ connectionString: proxy.url });
  // A pool ends before its connections do. The connections that are left are cut when the database goes.
  pool.on("error", () => undefined);
  const { limit, pass, ...hand } = limitByHand();
  const failed = inPoolTransaction({ pool, limit }, async (tx) => {
    proxy.stall("BEGIN");
    const answer = tx.query("SELECT 1");
    pass();
    await answer;
  });

  await expect(failed).rejects.toBeInstanceOf(NoAnswerError);

  expect([pool.totalCount, hand.waits]).toEqual([0, 0]);
  const answered = inPoolTransaction({ pool, limit }, (tx) => tx.query("SELECT 2 AS n"));
  expect((await answered).rows).toEqual([{ n: 2 }]);
  expect(hand.waits).toBe(0);
  await pool.end();
});

test("a pool that lends no connection is waited for until the time is up, and gets a late one back", async () => {
  const pool = database.pool({ max: 1 });
  const { limit, pass } = limitByHand();
  const client = await pool.connect();
  const refused = onConnection({ pool, limit }, () => Promise.reject(new Error("the work must not begin")));

  pass();
  await expect(refused).rejects.toBeInstanceOf(NoAnswerError);
  client.release();

  await waitFor(() => pool.waitingCount === 0, { description: "the pool to have lent it" });
  expect((await pool.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
  expect(pool.totalCount).toBe(1);
});

test("an aborted limit ends what waits for an answer, with its reason, and sends nothing more", async () => {
  const pool = database.pool();
  const { limit, stop, ...hand } = limitByHand();
  await pool.query("CREATE TABLE public.given_up (id int)");
  const failed = inPoolTransaction({ pool, limit }, async (tx) => {
    await tx.query("INSERT INTO public.given_up VALUES (1)");
    stop.abort(new Error("stopped"));
    await tx.query("INSERT INTO public.given_up VALUES (2)");
  });

  await expect(failed).rejects.toThrow("stopped");

  await expect(onConnection({ pool, limit }, (db) => db.query("SELECT 1"))).rejects.toThrow("stopped");
  expect((await pool.query("SELECT FROM public.given_up")).rowCount).toBe(0);
  expect(hand.waits).toBe(0);
});

test("a transaction cut between two statements fails with the cause; the pool gets no dead connection", async () => {
  const pool = database.pool();
  pool.on("error", () => undefined);
  const failed = inPoolTransaction({ pool }, async (tx) => {
    const { rows } = await tx.query("SELECT pg_backend_pid() AS pid");
    const [{ pid }] = rows as [{ pid: number }];
    await pool.query("SELECT pg_terminate_backend($1)", [pid]);
    await waitFor(async () => !(await tx.query("SELECT 1").catch(() => null)), {
      description: "the connection to be gone",
    });
    await tx.query("SELECT 1");
  });

  // What PostgreSQL said, or what the system says of a connection that was closed before that was read.
  await expect(failed).rejects.toSatisfy(isTransient);

  expect(pool.totalCount).toBe(pool.idleCount);
  expect((await pool.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
});

test("a statement that PostgreSQL refuses rolls the transaction back, and its connection goes on", async () => {
  const pool = database.pool({ max: 1 });
  const pidOf = async () => (await pool.query("SELECT pg_backend_pid() AS pid")).rows[0]?.pid;
  const before = await pidOf();

  const failed = inPoolTransaction({ pool }, (tx) => tx.query("SELECT 1 / 0"));

  await expect(failed).rejects.toMatchObject({ code: "22012" });
  expect(await pidOf()).toBe(before);
});

test.each(["pg pool", "Drizzle database"])(
  "a transaction on a %s is READ COMMITTED, whatever the default",
  async (kind) => {
    const pool = database.pool({ options: "-c default_transaction_isolation=serializable" });
    const db = kind === "pg pool" ? pool : drizzle({ client: pool });

    const { rows } = await inTransaction(db, (tx) => tx.query("SHOW transaction_isolation"));

    expect(rows).toEqual([{ transaction_isolation: "read committed" }]);
  },
);
