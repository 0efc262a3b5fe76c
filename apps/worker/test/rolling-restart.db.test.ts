import { createQueue, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import type { Program } from "./start-program.ts";
import { usePrograms } from "./use-programs.ts";

const programs = usePrograms(useTestDatabase());
const tasksDir = new URL("tasks", import.meta.url).pathname;
let queue: Queue;
beforeAll(() => {
  queue = createQueue(programs.pool);
});

async function startWorker(): Promise<Program> {
  const program = programs.start({
    MILLRACE_TASKS_DIR: tasksDir,
    MILLRACE_MIGRATE: "off",
    MILLRACE_SHUTDOWN_GRACE_MS: "30000",
  });
  await program.wrote('"msg":"worker started"');
  return program;
}

/** Enqueues one job after another until it is stopped. `acknowledged` has the ids that enqueue returned. */
function produce(): { acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  let goesOn = true;
  const running = (async () => {
    while (goesOn) acknowledged.push((await queue.enqueue("words.count", { text: "one two three" })).id);
  })();
  return {
    acknowledged,
    async stop() {
      goesOn = false;
      await running;
    },
  };
}

/** Starts a new worker, waits until it has started, and then stops an old one: as a rolling update does. */
async function replace(old: Program): Promise<Program> {
  const next = await startWorker();
  old.child.kill("SIGTERM");
  expect(await old.exited).toBe(0);
  return next;
}

/** How many log lines say that a job has completed. */
const completions = (all: readonly Program[]) =>
  all.flatMap((program) =>
    [...program.output().matchAll(/"jobId":"([0-9a-f-]+)".*"msg":"job completed"/g)].map(([, id]) => id),
  );

test("a rolling restart under load loses no job, and runs none twice", async () => {
  const first = [await startWorker(), await startWorker()];
  const load = produce();
  const second: Program[] = [];
  for (const old of first) second.push(await replace(old));
  await load.stop();

  const ended = async () => {
    const { rows } = await programs.pool.query(
      `SELECT count(*)::int AS jobs, count(*) FILTER (WHERE state = 'completed')::int AS completed,
              max(attempts) AS attempts, max(crashes) AS crashes FROM millrace.jobs`,
    );
    return rows[0] as { jobs: number; completed: number; attempts: number; crashes: number };
  };
  await waitFor(async () => (await ended()).completed === load.acknowledged.length, {
    description: "all jobs to complete",
  });

  const jobs = load.acknowledged.length;
  expect(await ended()).toEqual({ jobs, completed: jobs, attempts: 1, crashes: 0 });
  await waitFor(() => completions([...first, ...second]).length >= jobs, {
    description: "the log of each job",
  });
  expect(completions([...first, ...second]).sort()).toEqual([...load.acknowledged].sort());
  expect(completions(second).length).toBeGreaterThan(0);
}, 120_000);
