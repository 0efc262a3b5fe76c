import {
  checkFields,
  checkQueryable,
  type Executor,
  executorOf,
  fieldNames,
  InvalidOptionError,
  inTurn,
  isWholeDatabase,
  type Queryable,
} from "@millrace/base";

/** In whose transaction to write: a Drizzle transaction or a pg client. Default: the queue's own connection. */
export interface InTransaction {
  tx?: Queryable;
}

const FIELDS = fieldNames<InTransaction>({ tx: true });

/** Checks the options of a command that may be part of a transaction. Throws `InvalidOptionError`. */
export function checkInTransaction(options: InTransaction): InTransaction {
  checkFields("options", options, FIELDS);
  if (options.tx !== undefined) checkTransaction(options.tx);
  return options;
}

/**
 * Refuses a whole database in place of a transaction: a write there would stay when the transaction rolls back. Throws
 * `InvalidOptionError`.
 */
export function checkTransaction(tx: Queryable): void {
  checkQueryable("tx", tx);
  if (!isWholeDatabase(tx)) return;
  const message =
    "`tx` is a pool or a database, not a transaction. Give Drizzle's `tx`, or the pg client that sent BEGIN.";
  throw new InvalidOptionError("tx", { message });
}

/** Runs a command in the caller's transaction, in its turn, or else on `own`. Throws `InvalidOptionError`. */
export async function inTransactionOr<Result>(
  own: Executor,
  options: InTransaction,
  work: (db: Executor) => Promise<Result>,
): Promise<Result> {
  const { tx } = checkInTransaction(options);
  return tx === undefined ? work(own) : inTurn(tx, () => work(executorOf(tx)));
}
