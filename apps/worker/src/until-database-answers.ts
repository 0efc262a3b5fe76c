import { setTimeout as pause } from "node:timers/promises";
import { isTransient } from "@millrace/queue";
import { databaseCause } from "./database-cause.ts";

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 15_000;

/** How to report and end the wait for a database. */
export interface WaitOptions {
  /** Ends the wait. */
  signal: AbortSignal;
  /** Called after each failed try, with the ms until the next try. */
  onAway(error: unknown, retryInMs: number): void;
}

/**
 * Runs `work`, and runs `work` again at growing intervals while the database is away, without a limit. Resolves with
 * true when `work` succeeded, and with false when `signal` ended the wait. Throws an error that waiting cannot cure,
 * such as a wrong password.
 */
export async function untilDatabaseAnswers(
  work: () => Promise<void>,
  { signal, onAway }: WaitOptions,
): Promise<boolean> {
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(LAST_WAIT_MS, waitMs * 2)) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isTransient(databaseCause(error))) throw error;
      onAway(error, waitMs);
      // `pause` rejects after an abort. The loop's condition then ends the loop.
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
