import { NoAnswerError } from "../errors.ts";

/** How long to wait for a connection, and then for its answer. */
export interface AnswerLimit {
  ms: number;
  /** Calls back after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** Ends every wait at once when it is aborted. The work that waited fails with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The limit is divided into steps. An event loop that was blocked runs timers before it reads answers that have
 * arrived; it then loses only one step.
 */
const STEPS = 10;

/**
 * Calls `giveUp` once: when the limit is reached, with a `NoAnswerError` that says `what`; when the limit's signal is
 * aborted, with its reason. The returned function ends the wait.
 */
export function limitWait(limit: AnswerLimit, what: string, giveUp: (error: unknown) => void): () => void {
  const { ms, after, signal } = limit;
  let stopTimer = () => {};
  const end = () => {
    stopTimer();
    signal?.removeEventListener("abort", abort);
  };
  const abort = () => {
    end();
    giveUp(signal?.reason);
  };
  const wait = (steps: number) => {
    stopTimer = after(ms / STEPS, () => {
      if (steps > 1) return wait(steps - 1);
      end();
      giveUp(new NoAnswerError(what, ms));
    });
  };
  signal?.addEventListener("abort", abort);
  wait(STEPS);
  return end;
}
