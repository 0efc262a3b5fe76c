import { writeSync } from "node:fs";

const STDOUT = 1;

/**
 * Writes to the standard output before it returns: a process that is killed takes with it what it has not written. A
 * pipe whose reader is slow refuses a write when it is full (EAGAIN), and is asked again.
 */
export function writeNow(bytes: Buffer): void {
  let left = bytes;
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(STDOUT, left));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
