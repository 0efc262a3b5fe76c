import { fileURLToPath } from "node:url";
import { createQueue, type Job, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { usePrograms } from "./use-programs.ts";

const programs = usePrograms(useTestDatabase());
const MILLRACE_TASKS_DIR = fileURLToPath(new URL("tasks", import.meta.url));
let queue: Queue;
beforeAll(() => {
  queue = createQueue(programs.pool);
});

function untilEnded(id: string): Promise<Job> {
  return waitFor(
    async () => {
      const job = await queue.get(id);
      return job.state === "failed" || job.state === "completed" ? job : undefined;
    },
    { description: `the end of job ${id}` },
  );
}

test("a worker without allowances refuses the built-in tasks at once, and says which setting is missing", async () => {
  programs.start({ MILLRACE_HTTP_HOSTS: "" });
  const wanted = [
    ["http.request", { url: "http://169.254.169.254/latest/meta-data/" }, "httpHosts"],
    [
      "rows.prune",
      { schema: "millrace", table: "ended_jobs", column: "created_at", olderThan: "1s" },
      "pruneTables",
    ],
    ["view.refresh", { view: "sales" }, "refreshViews"],
  ] as const;

  for (const [type, payload, setting] of wanted) {
    const { id } = await queue.enqueue(type, payload);
    const job = await untilEnded(id);

    expect(job).toMatchObject({ state: "failed", attempts: 1 });
    expect(job.lastError).toContain("NOT_ALLOWED");
    expect(job.lastError).toContain(`${setting} (MILLRACE_`);
  }
});

test("a worker refreshes the view that its configuration names", async () => {
  await programs.pool.query("CREATE MATERIALIZED VIEW sales AS SELECT 1 AS id WITH NO DATA");
  programs.start({ MILLRACE_REFRESH_VIEWS: "public.sales" });

  const { id } = await queue.enqueue("view.refresh", { view: "sales" });

  expect(await untilEnded(id)).toMatchObject({
    state: "completed",
    output: { view: "public.sales", concurrently: false },
  });
  expect((await programs.pool.query("SELECT id FROM sales")).rows).toEqual([{ id: 1 }]);
});

describe("a worker's defaults of one task or schedule", () => {
  test("decide the attempts of a declared schedule, and the time-out of a task's runs", async () => {
    const worker = programs.start({
      MILLRACE_TASKS_DIR,
      MILLRACE_TASK_DEFAULTS: '{"wait.long":{"timeoutMs":50}}',
      MILLRACE_SCHEDULE_DEFAULTS: '{"words.daily":{"maxAttempts":2,"timeoutMs":4000}}',
    });
    await worker.wrote('"msg":"worker started"');

    const { id } = await queue.enqueue("wait.long", {}, { maxAttempts: 1 });

    expect((await createSchedules(programs.pool).get("words.daily")).maxAttempts).toBe(2);
    expect((await untilEnded(id)).lastError).toContain("time-out of 50 ms");
  });

  test.each([
    ["MILLRACE_TASK_DEFAULTS", '{"words.cont":{"maxAttempts":2}}', 'Did you mean "words.count"?'],
    ["MILLRACE_SCHEDULE_DEFAULTS", '{"word.daily":{"timeoutMs":5}}', 'Did you mean "words.daily"?'],
  ])(
    "with a misspelt name in %s keep the worker from starting, with exit code 2",
    async (variable, text, hint) => {
      const worker = programs.start({ MILLRACE_TASKS_DIR, [variable]: text });

      expect(await worker.exited).toBe(2);
      expect(worker.errors()).toContain(hint);
    },
  );
});
