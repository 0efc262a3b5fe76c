import { checkText } from "@millrace/base";

/** The most characters of a worker's id. Its columns have the same limit. */
export const WORKER_ID_MAX = 100;

/** Checks a worker's id. Throws `InvalidOptionError`. */
export function checkWorkerId(workerId: unknown): string {
  return checkText("workerId", workerId, WORKER_ID_MAX);
}
