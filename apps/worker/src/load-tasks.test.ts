import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineTask } from "@millrace/queue";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type LoadedTasks, loadTasks } from "./load-tasks.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "millrace-tasks-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const builtin = [defineTask({ name: "http.request", payload: z.unknown(), run: () => undefined })];

/** The source of a module that exports a task of another copy of the queue package. */
const taskSource = (name: string) => `export const task = { kind: "millrace.task", name: "${name}" };\n`;

const write = (file: string, source: string) => writeFileSync(join(dir, file), source);

/** The source of a module that exports a schedule of another copy of the scheduler package. */
const scheduleSource = (name: string) =>
  `export const schedule = { kind: "millrace.schedule", fields: { name: "${name}" } };\n`;

const load = (folder: string) =>
  loadTasks(folder, builtin, { onSlow: () => undefined, signal: new AbortController().signal });

const namesOf = ({ tasks }: LoadedTasks) => tasks.map(({ task }) => task.name);

describe("a folder of tasks", () => {
  test("gives the tasks its modules export, in the order of the file names", async () => {
    write("b.mjs", taskSource("b"));
    write("a.js", `${taskSource("a")} export const other = { kind: "something" }; export default 7;`);
    write("c.ts", `${taskSource("c")} export type Unused = string;`);

    expect(namesOf(await load(dir))).toEqual(["a", "b", "c"]);
  });

  test("leaves declarations, tests, other files and sub-folders alone", async () => {
    const refusal = `throw new Error("loaded");`;
    for (const file of ["a.d.ts", "a.test.ts", "a.spec.js", "a.json", "a.md"]) write(file, refusal);
    mkdirSync(join(dir, "sub.js"));
    write("sub.js/a.js", refusal);
    write("task.mjs", taskSource("only"));

    expect(namesOf(await load(dir))).toEqual(["only"]);
  });

  test("may export one task under two names, and from two modules", async () => {
    write("a.mjs", taskSource("a"));
    write("b.mjs", `export { task, task as again } from "./a.mjs";`);

    expect(namesOf(await load(dir))).toEqual(["a"]);
  });

  test("is refused when it is not there", async () => {
    const missing = join(dir, "missing");

    await expect(load(missing)).rejects.toMatchObject({ code: "TASKS_DIR", dir: missing });
  });

  test("is refused when a module fails to load, naming the module and the reason", async () => {
    write("bad.mjs", `throw new Error("no key");`);

    await expect(load(dir)).rejects.toMatchObject({
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

    const refused = load(dir);

    await expect(refused).rejects.toMatchObject({ code: "DUPLICATE_TASK", taskName: name });
    await expect(refused).rejects.toThrow(first);
    await expect(refused).rejects.toThrow(join(dir, "b.mjs"));
  });

  test.each([
    ["nothing", [], "It is empty."],
    ["no module", ["a.json", "a.test.ts", "b.d.ts"], "It holds only a.json, a.test.ts, b.d.ts."],
    [
      "modules in a sub-folder alone",
      ["mail/a.js", "readme.md"],
      "Sub-folders are not searched: set tasksDir to",
    ],
  ])("that has %s is refused with what is there", async (_what, files, message) => {
    for (const file of files) {
      mkdirSync(join(dir, file, ".."), { recursive: true });
      write(file, taskSource("a"));
    }

    const refused = load(dir);

    await expect(refused).rejects.toMatchObject({ code: "NO_MODULES", dir });
    await expect(refused).rejects.toThrow(message);
  });

  test("that has its modules in a sub-folder is refused with the folder to use", async () => {
    mkdirSync(join(dir, "mail"));
    write("mail/a.js", taskSource("a"));

    await expect(load(dir)).rejects.toThrow(`set tasksDir to ${join(dir, "mail")}`);
  });

  test.each([
    ["", "It exports nothing."],
    [`export const send = () => 0; export default {};`, "It exports only send (function), default (object)."],
  ])("is refused when a module exports no task: %j", async (source, message) => {
    write("a.mjs", taskSource("a"));
    write("b.mjs", source);

    const refused = load(dir);

    await expect(refused).rejects.toMatchObject({ code: "NO_TASK_IN_MODULE", file: join(dir, "b.mjs") });
    await expect(refused).rejects.toThrow(message);
  });

  test.each([
    ["an array, the default export", "const task = TASK; export default [task];"],
    ["an array, the export all", "export const first = FIRST; export const all = [first, TASK];"],
    ["an object, the default export", "export default { task: TASK };"],
  ])("is refused when a module has tasks in %s", async (where, source) => {
    const literal = (name: string) => `{ kind: "millrace.task", name: "${name}" }`;
    write("a.mjs", source.replace("TASK", literal("hidden")).replace("FIRST", literal("shown")));

    const refused = load(dir);

    await expect(refused).rejects.toMatchObject({ code: "HIDDEN_TASKS", file: join(dir, "a.mjs") });
    await expect(refused).rejects.toThrow(`has "hidden" in ${where}.`);
  });

  test("may list tasks in an array that are exported by themselves too", async () => {
    write("a.cjs", `exports.task = { kind: "millrace.task", name: "a" };\n`);
    write("b.mjs", `${taskSource("b")} export default [task];`);

    expect(namesOf(await load(dir))).toEqual(["a", "b"]);
  });

  test("gives the schedules that its modules export beside its tasks", async () => {
    write("a.mjs", taskSource("a") + scheduleSource("daily"));
    write("b.mjs", `export { schedule } from "./a.mjs"; export const nothing = { kind: "millrace.other" };`);
    write("c.mjs", scheduleSource("hourly"));

    const { tasks, schedules } = await load(dir);

    expect(tasks).toMatchObject([{ task: { name: "a" }, source: join(dir, "a.mjs") }]);
    expect(schedules.map((schedule) => schedule.fields.name)).toEqual(["daily", "hourly"]);
  });

  test("is refused when two modules give different schedules one name", async () => {
    write("a.mjs", scheduleSource("daily"));
    write("b.mjs", scheduleSource("daily"));

    await expect(load(dir)).rejects.toMatchObject({
      code: "DUPLICATE_SCHEDULE",
      scheduleName: "daily",
      message: expect.stringContaining(join(dir, "b.mjs")),
    });
  });
});

describe("a module whose top-level await hangs", () => {
  const hang = async (options: { onSlow(file: string): void; signal: AbortSignal }) => {
    write("a.mjs", "await new Promise(() => {});");
    return loadTasks(dir, builtin, { ...options, slowAfterMs: 1 });
  };

  test("is told of by name until a signal ends the wait", async () => {
    const stop = new AbortController();
    const told: string[] = [];

    const loading = hang({
      signal: stop.signal,
      onSlow(file) {
        told.push(file);
        if (told.length === 2) stop.abort("SIGTERM");
      },
    });

    await expect(loading).rejects.toBe("SIGTERM");
    expect(told).toEqual([join(dir, "a.mjs"), join(dir, "a.mjs")]);
  });
});
