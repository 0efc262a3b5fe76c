import { InvalidJobError, JobNotFoundError, WaitTimedOutError } from "@millrace/queue";
import { InvalidScheduleError, ScheduleNameTakenError, ScheduleNotFoundError } from "@millrace/scheduler";
import { MigrationError } from "@millrace/schema/migrations";
import { expect, test } from "vitest";
import { NotConfirmedError } from "./change-many.ts";
import { describeFailure } from "./describe-failure.ts";
import { UsageError } from "./usage-error.ts";

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

test.each([
  [new UsageError("Bad."), "USAGE", 2],
  [new InvalidJobError("payload", "must be JSON."), "INVALID_JOB", 2],
  [new JobNotFoundError("x"), "JOB_NOT_FOUND", 1],
  [new InvalidScheduleError("name", { reason: "is required", example: "nightly" }), "INVALID_SCHEDULE", 2],
  [new ScheduleNotFoundError("x"), "SCHEDULE_NOT_FOUND", 1],
  [new ScheduleNameTakenError("x"), "SCHEDULE_NAME_TAKEN", 1],
  [new NotConfirmedError(), "NOT_CONFIRMED", 1],
  [new WaitTimedOutError("x", 5), "WAIT_TIMED_OUT", 1],
  [new MigrationError("No.", { cause: null }), "MIGRATION_FAILED", 1],
  [coded("relation does not exist", "42P01"), "SCHEMA_MISSING", 1],
  [coded("column does not exist", "42703"), "SCHEMA_MISSING", 1],
  [coded("terminating connection", "57P01"), "DATABASE_UNAVAILABLE", 1],
  [coded("write EPIPE", "EPIPE"), "DATABASE_UNAVAILABLE", 1],
  [coded("read ECONNRESET", "ECONNRESET"), "DATABASE_UNAVAILABLE", 1],
  [new Error("Connection terminated unexpectedly"), "DATABASE_UNAVAILABLE", 1],
  [coded("permission denied for table jobs", "42501"), "DATABASE_ROLE", 1],
  [coded("deadlock detected", "40P01"), "DATABASE_ERROR", 1],
  [new TypeError("x is not a function"), "INTERNAL", 1],
  ["thrown text", "INTERNAL", 1],
])("%s is %s with exit code %i, in one line without a stack", (error, code, exitCode) => {
  const failure = describeFailure(error);

  expect(failure).toEqual({ code, exitCode, message: expect.stringMatching(/^.+(\.|\. For example: .+)$/) });
  expect(failure.message).not.toContain("    at ");
});
