import { expect, test } from "vitest";
import { brokenRules, WorkersAliveError } from "./check-workers.ts";
import type { MigrationRule } from "./migration-rules.ts";

const rules: readonly MigrationRule[] = [
  { migration: "0020_first", leastSchema: 18, because: "it drops a column" },
  { migration: "0021_second", leastSchema: 21, because: "it drops a table" },
];
const old = { id: "old", release: null, schema: null };
const middle = { id: "host-1:77", release: "1.2.0", schema: 18 };
const current = { id: "new", release: "2.0.0", schema: 22 };

test("a migration names the workers whose schema is below what it asks for, and those that tell none", () => {
  const found = brokenRules(["0020_first", "0021_second"], { rules, workers: [old, middle, current] });

  expect(found.map(({ rule, workers }) => [rule.migration, workers.map(({ id }) => id)])).toEqual([
    ["0020_first", ["old"]],
    ["0021_second", ["old", "host-1:77"]],
  ]);
});

test("a migration that is not pending refuses nobody", () => {
  expect(brokenRules(["0022_third"], { rules, workers: [old, middle] })).toEqual([]);
  expect(brokenRules(["0020_first"], { rules, workers: [current] })).toEqual([]);
});

test("the error says which migration, why, which workers, and what to do", () => {
  const [rule] = rules;
  const error = new WorkersAliveError(rule as MigrationRule, [old, middle]);

  expect(error.code).toBe("WORKERS_ALIVE");
  expect(error.message).toMatch(
    /0020_first.*it drops a column.*old \(an older release\), host-1:77 \(release 1\.2\.0\).*Stop these workers/,
  );
});
