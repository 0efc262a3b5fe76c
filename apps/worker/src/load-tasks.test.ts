import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineTask } from "@millrace/queue";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { loadTasks } from "./load-tasks.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millrace-tasks-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const builtin = [defineTask({ name: "http.request", payload: z.unknown(), run: () => undefined })];

/** The source of a module that exports a task, made by another copy of the queue package. */
const taskSource = (name: string) => `export const task = { kind: "millrace.task", name: "${name}" };\n`;

const write = (file: string, source: string) => writeFileSync(join(dir, file), source);

/** The source of a module that exports a schedule, made by another copy of the scheduler package. */
const scheduleSource = (name: string) =>
  `export const schedule = { kind: "millrace.schedule", fields: { name: "${name}" } };\n`;

const namesIn = async (folder: string) => (await loadTasks(folder, builtin)).tasks.map((task) => task.name);

describe("a folder of tasks", () => {
  test("gives the tasks its modules export, in the order of the file names", async () => {
    write("b.mjs", taskSource("b"));
    write("a.js", `${taskSource("a")} export const other = { kind: "something" }; export default 7;`);
    write("c.ts", `${taskSource("c")} export type Unused = string;`);

    expect(await namesIn(dir)).toEqual(["a", "b", "c"]);
  });

  test("leaves declarations, tests, other files and sub-folders alone", async () => {
    const refusal = `throw new Error("loaded");`;
    for (const file of ["a.d.ts", "a.test.ts", "a.spec.js", "a.json", "a.md"]) write(file, refusal);
    mkdirSync(join(dir, "sub.js"));
    write("sub.js/a.js", refusal);
    write("task.mjs", taskSource("only"));

    expect(await namesIn(dir)).toEqual(["only"]);
  });

  test("may export one task under two names, and from two modules", async () => {
    write("a.mjs", taskSource("a"));
    write("b.mjs", `export { task, task as again } from "./a.mjs";`);

    expect(await namesIn(dir)).toEqual(["a"]);
  });

  test("is refused when it is not there", async () => {
    const missing = join(dir, "missing");

    await expect(loadTasks(missing, [])).rejects.toMatchObject({ code: "TASKS_DIR", dir: missing });
  });

  test("is refused when a module fails to load, naming the module and the reason", async () => {
    write("bad.mjs", `throw new Error("no key");`);

    await expect(loadTasks(dir, [])).rejects.toMatchObject({
      code: "TASK_MODULE",
      file: join(dir, "bad.mjs"),
      message: expect.stringContaining("no key"),
    });
  });

  test.each([
    ["two modules", "same", "a.mjs"],
    ["a module and a built-in task", "http.request", "the built-in tasks"],
  ])("is refused when %s give different tasks one name", async (_what, name, first) => {
    if (first === "a.mjs") write("a.mjs", taskSource(name));
    write("b.mjs", taskSource(name));

    const refused = loadTasks(dir, builtin);

    await expect(refused).rejects.toMatchObject({ code: "DUPLICATE_TASK", taskName: name });
    await expect(refused).rejects.toThrow(first);
    await expect(refused).rejects.toThrow(join(dir, "b.mjs"));
  });

  test("gives the schedules that its modules export beside its tasks", async () => {
    write("a.mjs", taskSource("a") + scheduleSource("daily"));
    write("b.mjs", `export { schedule } from "./a.mjs"; export const nothing = { kind: "millrace.other" };`);
    write("c.mjs", scheduleSource("hourly"));

    const { tasks, schedules } = await loadTasks(dir, builtin);

    expect(tasks.map((task) => task.name)).toEqual(["a"]);
    expect(schedules.map((schedule) => schedule.fields.name)).toEqual(["daily", "hourly"]);
  });

  test("is refused when two modules give different schedules one name", async () => {
    write("a.mjs", scheduleSource("daily"));
    write("b.mjs", scheduleSource("daily"));

    await expect(loadTasks(dir, builtin)).rejects.toMatchObject({
      code: "DUPLICATE_SCHEDULE",
      scheduleName: "daily",
      message: expect.stringContaining(join(dir, "b.mjs")),
    });
  });
});
