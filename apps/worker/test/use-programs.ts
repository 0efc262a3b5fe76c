import { type FileDatabase, JOB_TABLES } from "@millrace/testpg/vitest";
import type { Pool } from "pg";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { type Program, startProgram } from "./start-program.ts";

/** The worker programs of a test file. `pool` is there once the tests run. */
export interface TestPrograms {
  readonly pool: Pool;
  /** Starts a worker program on the file's database; it is killed after the test. */
  start(env?: Record<string, string>, argv?: readonly string[]): Program;
}

/** Gives a test file worker programs on its database, which has neither jobs nor schedules before each test. */
export function usePrograms(database: FileDatabase): TestPrograms {
  const programs: Program[] = [];
  let pool: Pool;
  beforeAll(() => {
    pool = database.pool();
  });
  beforeEach(() => pool.query(`TRUNCATE ${JOB_TABLES}; DELETE FROM millrace.job_schedules`));
  afterEach(async () => {
    for (const { child } of programs) child.kill("SIGKILL");
    await Promise.all(programs.splice(0).map((program) => program.exited));
  });
  return {
    get pool() {
      return pool;
    },
    start(env = {}, argv = []) {
      const program = startProgram("main.ts", {
        env: {
          MILLRACE_DATABASE_URL: database.url,
          MILLRACE_POLL_MS: "100",
          // The servers of the tests.
          MILLRACE_HTTP_HOSTS: "127.0.0.1",
          ...env,
        },
        argv,
      });
      programs.push(program);
      return program;
    },
  };
}
