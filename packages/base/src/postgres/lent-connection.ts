import { type AnswerLimit, limitWait } from "./answer-limit.ts";
import type { Executor } from "./queryable.ts";

/** A statement as the pg driver takes it; one with a name is prepared under it. */
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

/** What is needed of a pg pool: connections of one's own for a while. */
export interface ConnectionPool {
  connect(callback: (error: Error | undefined, client: PooledConnection | undefined) => void): void;
}

/** A connection on loan. Once it was cut, or gave no answer, every statement on it fails at once. */
export interface LentConnection extends Executor {
  send(statement: Statement): Promise<{ rows: unknown[] }>;
  /** The connection is of no further use: it is closed when it is given back. */
  markBroken(): void;
  giveBack(): void;
}

/** From where to borrow, and how long to wait: without a limit, as long as it takes. */
export interface Lender {
  pool: ConnectionPool;
  limit?: AnswerLimit | undefined;
}

/**
 * Runs `work` on one connection of a pool, which is given back when `work` ends. With a limit, a pool that has none to
 * lend in time, and a connection that does not answer a statement in time, fail with `NoAnswerError`. The connection is
 * replaced then, and the statement may have been executed.
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
      // What the connection was wanted for was given up, and must not be executed any more.
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
        // What ended the session says more than the end of the connection, which is told after it.
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
