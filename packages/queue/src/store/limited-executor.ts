import { NoAnswerError } from "../errors.ts";
import { isPgPool, type PgPool, preparingExecutor } from "./preparing-executor.ts";
import { type Executor, executorOf, type Queryable } from "./queryable.ts";

/** How long to wait for a connection, and then for its answer. */
export interface AnswerLimit {
  ms: number;
  /** Calls back after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** A connection that a pg pool lends. */
interface LentClient {
  query: PgPool["query"];
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  /** Gives the connection back; with true, closes it instead. */
  release(destroy?: boolean): void;
}

/** A pg pool, and what is used of it besides its statements. */
export interface LendingPool extends PgPool {
  listeners(event: "error"): unknown[];
  on(event: "error", listener: (error: Error) => void): unknown;
  connect(callback: (error: Error | undefined, client: LentClient | undefined) => void): void;
}

/**
 * Statements whose answer is waited for so long and no longer, for work that is nobody else's to end: a connection that
 * went silent, for which TCP would wait a quarter of an hour, is replaced, and the statement fails with `NoAnswerError`.
 * It may have been executed. Only a pg pool's connections can be replaced, also those of one beneath a Drizzle database;
 * on anything else there is no limit.
 */
export function limitedExecutor(db: Queryable, limit: AnswerLimit): Executor {
  const pool = poolBeneath(db);
  if (pool === null) return executorOf(db);
  return preparingExecutor({
    query: (statement) => ask(pool, statement, limit),
    get totalCount() {
      return pool.totalCount;
    },
  });
}

/** The pg pool that `db` is, or that a Drizzle database is on; null when there is none. */
export function poolBeneath(db: Queryable): LendingPool | null {
  const pool = "$client" in db ? db.$client : db;
  return isLendingPool(pool) ? pool : null;
}

function isLendingPool(db: unknown): db is LendingPool {
  return typeof db === "object" && db !== null && isPgPool(db);
}

type Statement = Parameters<PgPool["query"]>[0];

function ask(pool: LendingPool, statement: Statement, limit: AnswerLimit): Promise<{ rows: unknown[] }> {
  return new Promise((resolve, reject) => {
    let tooLate = false;
    const stopWaiting = countDown(limit, () => {
      tooLate = true;
      reject(new NoAnswerError("The pool gave no connection", limit.ms));
    });
    // By callback, not by promise: an error that comes in the same packet as the connection must find a listener.
    pool.connect((error, client) => {
      stopWaiting();
      // The statement was given up, and must not be executed any more.
      if (tooLate) client?.release();
      else if (client === undefined) reject(error);
      else askClient(client, statement, limit).then(resolve, reject);
    });
  });
}

function askClient(
  client: LentClient,
  statement: Statement,
  limit: AnswerLimit,
): Promise<{ rows: unknown[] }> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const end = (destroy: boolean) => {
      if (ended) return;
      ended = true;
      stopWaiting();
      client.off("error", fail);
      client.release(destroy);
    };
    const fail = (error: unknown) => {
      end(true);
      reject(error);
    };
    const stopWaiting = countDown(limit, () =>
      fail(new NoAnswerError("PostgreSQL did not answer, and its connection is replaced,", limit.ms)),
    );
    client.on("error", fail);
    client.query(statement).then((result) => {
      end(false);
      resolve(result);
    }, fail);
  });
}

/** An event loop that was blocked calls back before it reads answers that are there; it then loses one step only. */
const STEPS = 10;

function countDown({ ms, after }: AnswerLimit, timeIsUp: () => void): () => void {
  let stop = () => {};
  const wait = (steps: number) => {
    stop = after(ms / STEPS, () => (steps === 1 ? timeIsUp() : wait(steps - 1)));
  };
  wait(STEPS);
  return () => stop();
}
