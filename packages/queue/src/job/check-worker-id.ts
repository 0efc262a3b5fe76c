import { checkText } from "@millrace/base";

/** How long a worker's id may be, in characters: as its column. */
export const WORKER_ID_MAX = 100;

/** Checks a worker's id. Throws `InvalidOptionError`. */
export function checkWorkerId(workerId: unknown): string {
  return checkText("workerId", workerId, WORKER_ID_MAX);
}
