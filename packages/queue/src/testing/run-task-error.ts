import { QueueError } from "../errors.ts";

/** Why `runTask` cannot tell how a run ended. */
export type RunTaskErrorCode = "COMPLETION_NEEDS_DATABASE" | "COMPLETION_STILL_OPEN";

/**
 * `runTask` cannot tell how a run ended whose handler called `context.completeInTx`:
 * - `COMPLETION_NEEDS_DATABASE`: `runTask` has no `db`, so it cannot ask whether the transaction was committed.
 * - `COMPLETION_STILL_OPEN`: the handler ended before its transaction. A worker would wait; `runTask` does not.
 */
export class RunTaskError extends QueueError {
  readonly code: RunTaskErrorCode;
  constructor(code: RunTaskErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
