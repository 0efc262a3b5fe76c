import { NoAnswerError } from "../errors.ts";

/** The limit of a wait for a connection, and of the wait for each answer of the connection. */
export interface AnswerLimit {
  /** The limit of one wait, in ms. */
  ms: number;
  /** Calls back after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** An abort ends every wait at once. The work that waited fails with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The timer of a limit runs in this many steps. After a block of the event loop, Node runs timers before it reads
 * answers that have arrived. With steps, such a block costs one step, and not the whole limit.
 */
const STEPS = 10;

/**
 * Starts a wait. Returns a function that ends the wait. Otherwise calls `giveUp` once:
 * - at the limit, with a `NoAnswerError` whose message begins with `what`;
 * - when the signal is aborted, with the signal's reason.
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
