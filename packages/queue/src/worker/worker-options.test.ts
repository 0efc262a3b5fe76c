import { InvalidOptionError } from "@millrace/base";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../task/define-task.ts";
import { checkWorkerOptions, type WorkerOptions } from "./worker-options.ts";

const task = defineTask({ name: "mail", payload: z.object({}), run: () => undefined });

const RIGHT = { db: { query: async () => ({ rows: [] }) }, tasks: [task] };

describe("createWorker", () => {
  test.each<[object | null, string]>([
    [{ concurency: 8 }, "`options.concurency` is unknown; did you mean `concurrency`?"],
    [{ queues: undefined }, "`options.queues` is undefined; give it a value, or leave the field out."],
    [{ db: "postgres://localhost/db" }, "Expected `db` to be a pg pool or client, or a Drizzle database"],
    [{ db: { connectionString: "postgres://u:secret@h/d" } }, "got an object with connectionString."],
    [{ tasks: task }, "Expected `tasks` to be an array of tasks, got an object with kind, name"],
    [{ tasks: [task, { name: "x", run: () => 1 }] }, "Expected `tasks[1]` to be a task that defineTask made"],
    [{ tasks: [task, undefined] }, "Expected `tasks[1]` to be a task that defineTask made, got undefined."],
    [{ queues: "mail" }, 'Expected `queues` to be an array of queue names, got "mail".'],
    [{ queues: [7] }, "`queues[0]` must be an object with `name`, `weight`, got 7."],
    [{ queues: [""] }, "Expected `queues[0]` to be a string of 1 to 100 characters"],
    [{ queues: [{ name: "mail", wieght: 2 }] }, "`queues[0].wieght` is unknown; did you mean `weight`?"],
    [{ queues: [{ name: "mail" }] }, 'Expected `queues: weight of "mail"` to be an integer from 1 to 1000'],
    [{ listen: "yes" }, 'Expected `listen` to be true or false, got "yes".'],
    [{ renewal: "process" }, 'Expected `renewal` to be "thread" or "loop"'],
    [{ logger: { info: () => 1 } }, "Expected `logger` to be an object with the methods debug, info"],
    [{ clock: Date }, "Expected `clock` to be an object with the methods now, after, random"],
    [{ onEvent: {} }, "Expected `onEvent` to be a function, got {}."],
    [{ onJobFailed: "mail" }, 'Expected `onJobFailed` to be a function, got "mail".'],
    [{ middleware: () => 1 }, "Expected `middleware` to be an array of functions, got a function."],
    [{ middleware: [5] }, "Expected `middleware` to be an array of functions, got an array of 1."],
    [{ defaults: { timeout: 5 } }, "`defaults.timeout` is unknown; did you mean `timeoutMs`?"],
    [{ defaults: { timeoutMs: 0 } }, "Expected `defaults.timeoutMs` to be an integer from 1"],
    [{ defaults: { tasks: { nil: {} } } }, "`defaults.tasks.nil` is unknown"],
    [
      { defaults: { tasks: { mail: { timeout: 1 } } } },
      "`defaults.tasks.mail.timeout` is unknown; did you mean `timeoutMs`?",
    ],
    [
      { defaults: { tasks: { mail: { maxAttempts: 0 } } } },
      "Expected `defaults.tasks.mail.maxAttempts` to be an integer from 1",
    ],
    [{ defaults: { maxAttempts: 0 } }, "Expected `defaults.maxAttempts` to be an integer from 1"],
    [{ defaults: { backoff: { base: 1 } } }, "`defaults.backoff.base` is unknown; did you mean `baseMs`?"],
    [{ defaults: { backoff: { capMs: -1 } } }, "Expected `defaults.backoff.capMs` to be an integer from 0"],
    [{ prune: true }, "Expected `prune` to be false, or an object with ages, got true."],
    [{ prune: { completed: 5 } }, "`prune.completed` is unknown; did you mean `completedMs`?"],
    [{ prune: { failedMs: -1 } }, "Expected `prune.failedMs` to be an integer from 0"],
    [{ prune: { everyMs: 10 } }, "Expected `prune.everyMs` to be an integer from 60000"],
    [
      { listen: true },
      "`listen` is true, but `db` is neither a pg pool nor a Drizzle database on one, and only",
    ],
    [
      { renewal: "thread" },
      '`renewal` is "thread", but `db` is neither a pg pool nor a Drizzle database on one,',
    ],
    [{ tasks: [task, task] }, '`tasks` has two tasks named "mail". Rename or remove one of them.'],
    [null, "`options` must be an object with `db`, `tasks`"],
  ])("refuses %o and says what is wrong", (wrong, message) => {
    const check = () => checkWorkerOptions((wrong === null ? null : { ...RIGHT, ...wrong }) as WorkerOptions);

    expect(check).toThrow(InvalidOptionError);
    expect(check).toThrow(message);
  });

  test("refuses a thread that renews leases where functions make the connections, and says so", () => {
    const db = new pg.Pool({ password: () => "secret" });

    expect(() => checkWorkerOptions({ db, tasks: [task], renewal: "thread" })).toThrow(
      "but the pool in `db` connects by functions of yours",
    );
  });

  test("takes a database and tasks alone", () => {
    expect(checkWorkerOptions(RIGHT)).toMatchObject({
      queues: ["default"],
      middleware: [],
      defaults: {},
      prune: { everyMs: 3_600_000, isDefault: true },
      onJobFailed: null,
    });
  });
});
