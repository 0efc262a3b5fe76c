import { setTimeout as pause } from "node:timers/promises";
import { isTransient } from "@millrace/queue";
import { databaseCause } from "./database-cause.ts";

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 15_000;

/** How to wait for a database. */
export interface WaitOptions {
  /** Ends the wait. */
  signal: AbortSignal;
  /** Told of each failure before the wait that follows it. */
  onAway(error: unknown, retryInMs: number): void;
}

/**
 * Does `work` once the database answers: again and again while it is away, at growing intervals, without an end.
 * Resolves with whether the work was done; false means that `signal` ended the wait. An error that waiting does not
 * cure, such as a wrong password, is thrown.
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
      // Rejects when the signal ends the wait; the loop's condition sees that.
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
