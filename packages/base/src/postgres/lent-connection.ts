import { type AnswerLimit, limitWait } from "./answer-limit.ts";
import type { Executor } from "./queryable.ts";

/** A statement as the pg driver takes it. A statement with a name is prepared under that name. */
export interface Statement {
  name?: string;
  text: string;
  values: unknown[];
}

/** A connection that a pg pool lends. */
export interface PooledConnection {
  query(statement: Statement): Promise<{ rows: unknown[] }>;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  /** Gives the connection back; with true, closes it instead. */
  release(destroy?: boolean): void;
}

/** The part of a pg pool that lends a connection for a while. */
export interface ConnectionPool {
  connect(callback: (error: Error | undefined, client: PooledConnection | undefined) => void): void;
}

/** A connection on loan. Once it was cut, or did not answer, every statement on it fails at once. */
export interface LentConnection extends Executor {
  send(statement: Statement): Promise<{ rows: unknown[] }>;
  /** The connection is broken: it is closed when it is given back. */
  markBroken(): void;
  giveBack(): void;
}

/** The pool to borrow from, and how long to wait. Without a limit, the wait has no end. */
export interface Lender {
  pool: ConnectionPool;
  limit?: AnswerLimit | undefined;
}

/**
 * Runs `work` on one connection of a pool, and gives the connection back when `work` ends. With a limit, this fails
 * with `NoAnswerError` if the pool lends no connection in time, or the connection does not answer a statement in time.
 * Then the connection is replaced, and the statement may have been executed.
 */
export async function onConnection<T>(
  lender: Lender,
  work: (connection: LentConnection) => Promise<T>,
): Promise<T> {
  const connection = await borrow(lender);
  try {
    return await work(connection);
  } finally {
    connection.giveBack();
  }
}

function borrow({ pool, limit }: Lender): Promise<LentConnection> {
  return new Promise((resolve, reject) => {
    if (limit?.signal?.aborted) return reject(limit.signal.reason);
    let tooLate = false;
    const giveUp = (error: unknown) => {
      tooLate = true;
      reject(error);
    };
    const stopWaiting = limit && limitWait(limit, "The pool gave no connection", giveUp);
    // By callback, not by promise: an error that comes in the same packet as the connection must find a listener.
    pool.connect((error, client) => {
      stopWaiting?.();
      // The caller has given up its work, and the work must not run any more.
      if (tooLate) client?.release();
      else if (client === undefined) reject(error);
      else resolve(lent(client, limit));
    });
  });
}

function lent(client: PooledConnection, limit: AnswerLimit | undefined): LentConnection {
  const waiting = new Set<(error: unknown) => void>();
  let broken = false;
  let lost: { error: unknown } | undefined;
  const lose = (error: unknown) => {
    broken = true;
    lost ??= { error };
    for (const fail of [...waiting]) fail(error);
  };
  client.on("error", lose);

  function send(statement: Statement): Promise<{ rows: unknown[] }> {
    return new Promise((resolve, reject) => {
      if (limit?.signal?.aborted) lose(limit.signal.reason);
      if (lost !== undefined) return reject(lost.error);
      const stopWaiting = limit && limitWait(limit, SILENT, lose);
      const end = () => {
        stopWaiting?.();
        waiting.delete(fail);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      waiting.add(fail);
      client.query(statement).then(
        (result) => {
          end();
          resolve(result);
        },
        // The error that ended the session says more than the end of the connection, which is reported later.
        (error) => (isFatal(error) ? lose(error) : fail(error)),
      );
    });
  }

  return {
    send,
    query: (text, values = []) => send({ text, values }),
    markBroken() {
      broken = true;
    },
    giveBack() {
      client.off("error", lose);
      client.release(broken);
    },
  };
}

/** Whether PostgreSQL ended the session with this error (protocol documentation, error fields: severity). */
function isFatal(error: unknown): boolean {
  return error instanceof Error && "severity" in error && error.severity === "FATAL";
}

const SILENT = "PostgreSQL did not answer a statement";
