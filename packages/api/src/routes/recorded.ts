import { type Executor, inTransaction } from "@millrace/base";
import type { Pool } from "pg";
import { commandOfTransaction } from "../store/command-of-transaction.sql.ts";

/** What a command on one thing did. */
export interface Recorded {
  result: string;
  /** The id by which the command can be undone; null if the command changed nothing. */
  commandId: string | null;
}

/** Runs a command in a transaction of its own, and returns the id that the audit log has for the command. */
export function recorded(pool: Pool, command: (tx: Executor) => Promise<string>): Promise<Recorded> {
  return inTransaction(pool, async (tx) => ({
    result: await command(tx),
    commandId: await commandOfTransaction(tx),
  }));
}
