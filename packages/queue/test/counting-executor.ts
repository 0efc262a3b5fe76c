import type pg from "pg";
import type { Executor } from "../src/index.ts";

/** An executor that counts the statements that pass through it. */
export function countingExecutor(pool: pg.Pool): Executor & { statements: number } {
  return {
    statements: 0,
    query(text, values) {
      this.statements += 1;
      return pool.query(text, values);
    },
  };
}
