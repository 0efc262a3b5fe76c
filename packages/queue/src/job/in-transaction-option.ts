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

/**
 * In which transaction to write.
 *
 * @example
 * await db.transaction(async (tx) => {
 *   await tx.insert(receipts).values(receipt);
 *   await queue.runs.complete([job], { tx });
 * });
 */
export interface InTransaction {
  /** A Drizzle transaction, or a pg client that sent BEGIN. Absent: the write is a transaction of its own. */
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
 * Refuses a pool or a database in place of a transaction: its writes would stay when the caller's transaction rolls
 * back. Throws `InvalidOptionError`.
 */
export function checkTransaction(tx: Queryable): void {
  checkQueryable("tx", tx);
  if (!isWholeDatabase(tx)) return;
  const message =
    "`tx` is a pool or a database, not a transaction. Give Drizzle's `tx`, or the pg client that sent BEGIN.";
  throw new InvalidOptionError("tx", { message });
}

/**
 * Runs a command in the caller's transaction, after the commands that the caller sent there before. Without a
 * transaction, runs it on `own`. Throws `InvalidOptionError`.
 */
export async function inTransactionOr<Result>(
  own: Executor,
  options: InTransaction,
  work: (db: Executor) => Promise<Result>,
): Promise<Result> {
  const { tx } = checkInTransaction(options);
  return tx === undefined ? work(own) : inTurn(tx, () => work(executorOf(tx)));
}
