import { MigrationError } from "@millrace/schema/migrations";
import { expect, test } from "vitest";
import { DatabaseConnectionError } from "./database-connection-error.ts";
import { untilDatabaseAnswers } from "./until-database-answers.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("work that fails while the database is away is done again, and each failure is told", async () => {
  const away: unknown[] = [];
  const failures = [
    refused,
    new MigrationError("Could not migrate", { cause: refused }),
    new DatabaseConnectionError("postgres://db/app", refused),
  ];

  const done = await untilDatabaseAnswers(
    async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    },
    {
      signal: new AbortController().signal,
      onAway: (error, retryInMs) => away.push([String(error), retryInMs]),
    },
  );

  expect(done).toBe(true);
  expect(away).toEqual([
    ["Error: connect ECONNREFUSED", 500],
    ["MigrationError: Could not migrate", 1_000],
    [expect.stringContaining("Cannot connect to the database at db:5432/app"), 2_000],
  ]);
});

test("an error that waiting does not cure is thrown", async () => {
  const wrongPassword = Object.assign(new Error("password authentication failed"), { code: "28P01" });

  const waiting = untilDatabaseAnswers(() => Promise.reject(wrongPassword), {
    signal: new AbortController().signal,
    onAway: () => undefined,
  });

  await expect(waiting).rejects.toBe(wrongPassword);
});

test("a signal ends the wait", async () => {
  const stop = new AbortController();

  const done = await untilDatabaseAnswers(() => Promise.reject(refused), {
    signal: stop.signal,
    onAway: () => stop.abort(),
  });

  expect(done).toBe(false);
});
