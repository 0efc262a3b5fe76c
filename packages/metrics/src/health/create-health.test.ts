import type { Pool } from "pg";
import { expect, test } from "vitest";
import { checkDatabase, checkLoop, createHealth, type HealthOptions } from "./create-health.ts";

test("an event loop that was blocked for longer than the limit is unhealthy", () => {
  expect(checkLoop(500, 500)).toMatchObject({ name: "event-loop", ok: true });
  expect(checkLoop(501, 500)).toMatchObject({
    ok: false,
    detail: expect.stringContaining("longer than 500 ms"),
  });
});

test.each([
  ["same", true],
  ["newer", true],
  ["unrecorded", true],
  ["older", false],
  ["missing", false],
] as const)("a schema that is %s can be used: %j", (relation, ok) => {
  const checks = checkDatabase({
    ok: true,
    value: { relation, database: 3, release: 4, least: 5, serves: ok },
  });

  expect(checks).toMatchObject([
    { name: "database", ok: true },
    { name: "schema", ok },
  ]);
});

test("a database that failed says why", () => {
  expect(checkDatabase({ ok: false, error: new Error("connection refused") })).toMatchObject([
    { name: "database", ok: false, detail: expect.stringContaining("connection refused") },
  ]);
});

test("wrong options are refused", () => {
  // The casts are safe: the calls are wrong on purpose.
  const create = (options: object) => createHealth(options as HealthOptions);
  const db = {} as Pool;

  expect(() => create({ db, workers: () => [], maxLoopDelay: 7 })).toThrow("did you mean");
  expect(() => create({ db, workers: [] })).toThrow("a function that returns workers");
  expect(() => create({ db, workers: () => [], maxLoopDelayMs: 99 })).toThrow("100");
});
