import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";

/** What tests of undos use. The getters work once the tests of the file have begun. */
export interface UndoTools {
  readonly pool: pg.Pool;
  /** A queue whose commands are recorded. */
  readonly ada: Queue;
  /** A queue whose commands are not. */
  readonly plain: Queue;
  /** Returns a job as the view has it, without the instant of its last change. */
  rowOf(id: string): Promise<unknown>;
  /** Returns the id of the last recorded command. */
  lastCommand(): Promise<string>;
}

/** Gives a test file a database that is empty before each test. */
export function useUndo(): UndoTools {
  const database = useTestDatabase();
  let pool: pg.Pool;
  let ada: Queue;
  let plain: Queue;

  beforeAll(() => {
    pool = database.pool({ max: 12 });
    ada = createQueue(pool, { audit: { who: "ada", via: "test" } });
    plain = createQueue(pool);
  });

  beforeEach(async () => {
    await pool.query(
      `TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.job_queues, millrace.audit_log`,
    );
  });

  return {
    get pool() {
      return pool;
    },
    get ada() {
      return ada;
    },
    get plain() {
      return plain;
    },
    async rowOf(id) {
      const { rows } = await pool.query(
        "SELECT to_jsonb(j) - 'updated_at' AS row FROM millrace.jobs j WHERE j.id = $1",
        [id],
      );
      return rows[0]?.row;
    },
    async lastCommand() {
      const [entry] = await ada.audit({ limit: 1 });
      return entry?.commandId ?? "";
    },
  };
}
