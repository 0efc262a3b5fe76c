import { type AnswerLimit, limitWait } from "./answer-limit.ts";
import { isReadOnly } from "./pg-errors.ts";
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
  /** Gives the connection back to the pool. With true, closes the connection instead. */
  release(destroy?: boolean): void;
}

/** The part of a pg pool that lends a connection for a while. */
export interface ConnectionPool {
  connect(callback: (error: Error | undefined, client: PooledConnection | undefined) => void): void;
}

/** A borrowed connection. After the connection was cut or did not answer, every further statement fails at once. */
export interface LentConnection extends Executor {
  send(statement: Statement): Promise<{ rows: unknown[] }>;
  /** Marks the connection as broken: `giveBack` then closes the connection. */
  markBroken(): void;
  giveBack(): void;
}

/** The pool to borrow from, and the limit of each wait. Without a limit, a wait may last for ever. */
export interface Lender {
  pool: ConnectionPool;
  limit?: AnswerLimit | undefined;
}

/**
 * Runs `work` on one connection of a pool, and gives the connection back when `work` ends. With a limit, throws
 * `NoAnswerError` if the pool lends no connection in time, or if a statement gets no answer in time. PostgreSQL may
 * have executed such a statement; the pool replaces the connection.
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
    // A callback and not a promise: an error may follow in the same packet, and must find a listener.
    pool.connect((error, client) => {
      stopWaiting?.();
      // After the limit, the caller has its error, so `work` must not run.
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
        // A fatal error ends the session. Keeps this error, because it says more than the later error of the
        // connection.
        (error) => {
          // Another connection may reach the new primary.
          broken ||= isReadOnly(error);
          if (isFatal(error)) lose(error);
          else fail(error);
        },
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
