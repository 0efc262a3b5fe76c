import { fileURLToPath } from "node:url";
import { createSchedules } from "@millrace/scheduler";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { describe, expect, test } from "vitest";
import { usePrograms } from "./use-programs.ts";

const database = useTestDatabase();
const programs = usePrograms(database);
const startMain = programs.start;

describe("a schedule that a module of the task folder declares", () => {
  const withTasks = { MILLRACE_TASKS_DIR: fileURLToPath(new URL("tasks", import.meta.url)) };

  test("is there after the start, ready to run, and stays as an operator edits it, which is told", async () => {
    const schedules = createSchedules(programs.pool);
    const first = startMain(withTasks);
    await first.wrote("declared schedules reconciled");
    await waitFor(async () => (await schedules.get("words.daily")).status === "ready", {
      description: "the worker to be seen",
    });
    const created = await schedules.get("words.daily");
    first.child.kill("SIGTERM");
    await first.exited;
    await schedules.update("words.daily", { cron: "15 7 * * *" });

    const second = startMain(withTasks);
    await second.wrote("what differs was left");

    expect(created).toMatchObject({
      jobType: "words.count",
      timezone: "Europe/Berlin",
      payload: { text: "one two three" },
      declared: true,
    });
    expect((await schedules.get("words.daily")).cron).toBe("15 7 * * *");
    second.child.kill("SIGTERM");
    expect(await second.exited).toBe(0);
  });

  test("gives its jobs the worker's attempts, if neither the schedule nor its task says how many", async () => {
    const worker = startMain({ ...withTasks, MILLRACE_MAX_ATTEMPTS: "4" });
    await worker.wrote("declared schedules reconciled");
    worker.child.kill("SIGTERM");
    expect(await worker.exited).toBe(0);

    const schedules = await createSchedules(programs.pool).list();
    expect(schedules.map(({ name, maxAttempts }) => [name, maxAttempts]).sort()).toEqual([
      ["millrace.jobs-prune", 10],
      ["words.daily", 4],
      ["words.yearly", 2],
    ]);
  });

  test("with a payload that its task does not take keeps the worker from starting, with exit code 2", async () => {
    const unfit = fileURLToPath(new URL("unfit-tasks", import.meta.url));
    const worker = startMain({ MILLRACE_TASKS_DIR: unfit });

    expect(await worker.exited).toBe(2);
    expect(worker.output()).toContain("is not what its task takes");
    expect(await createSchedules(programs.pool).list()).toEqual([]);
  });
});

describe("the default schedules", () => {
  test("are there after the first start, and stay as their operator left them", async () => {
    const schedules = createSchedules(programs.pool);
    const startAndStop = async () => {
      const worker = startMain();
      await worker.wrote("scheduler started");
      worker.child.kill("SIGTERM");
      expect(await worker.exited).toBe(0);
    };

    await startAndStop();
    expect(await schedules.get("millrace.jobs-prune")).toMatchObject({
      jobType: "jobs.prune",
      enabled: true,
    });
    await schedules.update("millrace.jobs-prune", { cron: "5 5 * * 0", payload: { completed: "1d" } });
    await schedules.disable("millrace.jobs-prune");
    await startAndStop();

    expect(await schedules.get("millrace.jobs-prune")).toMatchObject({
      cron: "5 5 * * 0",
      payload: { completed: "1d" },
      enabled: false,
    });
  });

  test("do not include the one that prunes if the worker is told not to prune", async () => {
    const worker = startMain({}, ["--no-prune"]);
    await worker.wrote("scheduler started");
    worker.child.kill("SIGTERM");
    await worker.exited;

    expect(await createSchedules(programs.pool).list()).toEqual([]);
  });

  test("are not made by a worker without a scheduler", async () => {
    const worker = startMain({}, ["--no-schedules"]);
    await worker.wrote("worker started");
    worker.child.kill("SIGTERM");
    await worker.exited;

    expect(await createSchedules(programs.pool).list()).toEqual([]);
    expect(worker.output()).not.toContain("scheduler started");
  });
});
