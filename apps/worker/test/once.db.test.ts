import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { usePrograms } from "./use-programs.ts";

const database = useTestDatabase();
const programs = usePrograms(database);
let queue: Queue;
beforeAll(() => {
  queue = createQueue(programs.pool);
});

const DID = "the worker has run what was due";

describe("a worker program that runs once", () => {
  test("runs what is due, says what became of it, and exits 0", async () => {
    const good = await queue.enqueue("jobs.prune", {});
    const bad = await queue.enqueue("jobs.prune", { unknown: true });
    const later = await queue.enqueue("jobs.prune", {}, { delayMs: 3_600_000 });
    const program = programs.start({ MILLRACE_SCHEDULES: "off" }, ["--once"]);

    expect(await program.exited).toBe(0);

    expect(program.logLine(DID)).toMatchObject({ completed: 1, failed: 1, retried: 0, canceled: 0 });
    expect((await queue.get(good.id)).state).toBe("completed");
    expect((await queue.get(bad.id)).state).toBe("failed");
    expect((await queue.get(later.id)).state).toBe("queued");
  });

  test("fires the schedules that are due, and runs their jobs", async () => {
    const schedules = createSchedules(programs.pool);
    await schedules.create({ name: "due", jobType: "jobs.prune", cron: "* * * * *", payload: {} });
    await programs.pool.query(
      "UPDATE millrace.job_schedules SET next_run_at = date_trunc('minute', now()) WHERE name = 'due'",
    );
    const program = programs.start({ MILLRACE_ONCE: "on" });

    expect(await program.exited).toBe(0);

    expect(program.logLine(DID)).toMatchObject({ completed: 1 });
    expect(await queue.list({ state: "completed", type: "jobs.prune" })).toHaveLength(1);
  });

  test("does not wait for a database that is away, and exits 1", async () => {
    const program = programs.start({ MILLRACE_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, [
      "--once",
    ]);

    expect(await program.exited).toBe(1);
    expect(program.errors()).toContain("The worker cannot start:");
  });

  test("exits 1 when the database refuses to go on", async () => {
    await queue.enqueue("jobs.prune", {});
    await programs.pool.query("ALTER TABLE millrace.claims RENAME TO elsewhere");
    try {
      const program = programs.start({ MILLRACE_SCHEDULES: "off", MILLRACE_MIGRATE: "off" }, ["--once"]);

      expect(await program.exited).toBe(1);
      expect(program.errors()).toContain("The worker cannot go on:");
    } finally {
      await programs.pool.query("ALTER TABLE millrace.elsewhere RENAME TO claims");
    }
  });
});
