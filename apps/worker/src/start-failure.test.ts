import { InvalidScheduleError } from "@millrace/scheduler";
import { MigrationError } from "@millrace/schema/migrations";
import { expect, test } from "vitest";
import { DatabaseConnectionError } from "./database-connection-error.ts";
import { TasksDirError } from "./load-tasks-error.ts";
import { NotMigratedError } from "./not-migrated-error.ts";
import { startFailure } from "./start-failure.ts";

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });
const denied = coded("permission denied for database app", "42501");

test.each([
  [new TasksDirError("/tasks", { cause: new Error("ENOENT") }), 2, "Correct tasksDir"],
  [new InvalidScheduleError("name", { reason: "is required", example: "nightly" }), 2, "is required"],
  [new DatabaseConnectionError("postgres://db/app", new Error("no")), 1, "Cannot connect"],
  [
    new NotMigratedError({ relation: "missing", database: 0, release: 6, least: null, serves: false }),
    1,
    "no millrace schema. Run `millrace",
  ],
  [
    new NotMigratedError({ relation: "older", database: 4, release: 6, least: null, serves: false }),
    1,
    "older release: 4 of 6 migrations. Run",
  ],
  [
    new NotMigratedError({ relation: "newer", database: 9, release: 6, least: 8, serves: false }),
    1,
    "at least 8 migrations. Start a worker of that release",
  ],
  [
    new MigrationError("Could not migrate.", { cause: denied }),
    1,
    "Could not migrate. This worker's role may not",
  ],
  [new MigrationError("Could not migrate.", { cause: denied }), 1, "MILLRACE_MIGRATE=false"],
  [denied, 1, "GRANT USAGE ON SCHEMA millrace"],
  [
    coded("column does not exist", "42703"),
    1,
    "lacks the millrace schema of this release (column does not exist)",
  ],
  [coded("too many", "53300"), 1, "The database refused: too many (SQLSTATE 53300)."],
])("%s is told without a stack, with exit code %i", (error, exitCode, part) => {
  const failure = startFailure(error);

  expect(failure.exitCode).toBe(exitCode);
  expect(failure.message).toContain(part);
  expect(failure.message).not.toContain("    at ");
});

test("an error that nobody foresaw is told with its stack", () => {
  expect(startFailure(new TypeError("x is not a function")).message).toContain("    at ");
});
