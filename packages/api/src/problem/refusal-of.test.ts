import { InvalidOptionError, NoAnswerError } from "@millrace/base";
import {
  DuplicateJobError,
  InvalidJobError,
  JobContendedError,
  JobLockedError,
  JobNotFoundError,
  JobStateError,
  JobWaitsError,
  KeyContendedError,
  SchemaMissingError,
} from "@millrace/queue";
import { InvalidCronError, ScheduleNameTakenError, ScheduleNotFoundError } from "@millrace/scheduler";
import { describe, expect, test } from "vitest";
import { refusalOf } from "./refusal-of.ts";

const job = { id: "1", state: "running" };
const ofDatabase = (code: string) => Object.assign(new Error("secret of the database"), { code });

describe("what an error is answered with", () => {
  test.each([
    [new JobNotFoundError("1"), 404, "JOB_NOT_FOUND"],
    [new ScheduleNotFoundError("x"), 404, "SCHEDULE_NOT_FOUND"],
    [new JobStateError(job, "retry", ["failed"]), 409, "JOB_STATE"],
    [new JobWaitsError(job, "run now", "2"), 409, "JOB_STATE"],
    [new DuplicateJobError("1", "key"), 409, "DUPLICATE_JOB"],
    [new ScheduleNameTakenError("x"), 409, "SCHEDULE_NAME_TAKEN"],
    [new KeyContendedError(["key"]), 503, "KEY_CONTENDED"],
    [new JobContendedError("1"), 503, "JOB_CONTENDED"],
    [new JobLockedError("1"), 503, "JOB_LOCKED"],
  ])("%s", (error, status, code) => {
    expect(refusalOf(error)).toMatchObject({ status, code, detail: error.message });
  });

  test.each([
    [new InvalidOptionError("filter.queue", "a queue", 7), "queue"],
    [new InvalidOptionError("limit", "a number", "x"), "limit"],
    [new InvalidJobError("payload", "is bad."), "payload"],
    [new InvalidCronError("x", { field: "hour", reason: "is bad", example: "* * * * *" }), "hour"],
  ])("%s names its field", (error, field) => {
    expect(refusalOf(error)).toMatchObject({ status: 400, field });
  });

  test.each([
    [ofDatabase("57014"), "STATEMENT_TIMEOUT"],
    [new Error("wrapped", { cause: ofDatabase("57014") }), "STATEMENT_TIMEOUT"],
    [ofDatabase("55P03"), "LOCKED"],
    [ofDatabase("40P01"), "DATABASE_UNAVAILABLE"],
    [ofDatabase("ECONNREFUSED"), "DATABASE_UNAVAILABLE"],
    [ofDatabase("53300"), "DATABASE_UNAVAILABLE"],
    [new NoAnswerError("PostgreSQL did not answer", 10), "DATABASE_UNAVAILABLE"],
    [new Error("Query read timeout"), "DATABASE_UNAVAILABLE"],
    [new Error("timeout exceeded when trying to connect"), "API_BUSY"],
    [new SchemaMissingError(ofDatabase("42P01")), "SCHEMA_MISSING"],
    [ofDatabase("42P01"), "SCHEMA_MISSING"],
    [ofDatabase("3F000"), "SCHEMA_MISSING"],
  ])("%s of the database: 503, when to try again, and nothing of its text", (error, code) => {
    const refusal = refusalOf(error);

    expect(refusal).toMatchObject({ status: 503, code, headers: { "retry-after": expect.any(String) } });
    expect(refusal?.detail).not.toContain("secret");
  });

  test.each([[ofDatabase("22P02")], [new TypeError("x")], ["text"], [null], [undefined]])(
    "nobody expects %s",
    (error) => {
      expect(refusalOf(error)).toBeNull();
    },
  );
});
