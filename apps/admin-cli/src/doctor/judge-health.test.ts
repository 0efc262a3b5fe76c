import { expect, test } from "vitest";
import type { TableHealth } from "../store/table-health.sql.ts";
import { judgeClaims, judgeHolders, judgeLeases, judgeTables, judgeVersion } from "./judge-health.ts";

const TABLE: TableHealth = {
  table: "waiting_jobs",
  liveRows: 1_000,
  deadRows: 0,
  vacuumedMs: 1_000,
  autovacuumOff: false,
  age: 1_000,
};

const codes = (findings: readonly { code: string }[]) => findings.map(({ code }) => code);

test.each([
  ["a healthy table", {}, []],
  ["autovacuum that is switched off", { autovacuumOff: true }, ["TABLE_AUTOVACUUM_OFF"]],
  ["many dead rows, long after a vacuum", { deadRows: 200_000, vacuumedMs: 3_600_000 }, ["DEAD_ROWS"]],
  ["many dead rows, never vacuumed", { deadRows: 200_000, vacuumedMs: null }, ["DEAD_ROWS"]],
  ["many dead rows, as a busy queue makes between two vacuums", { deadRows: 2_000_000 }, []],
  ["fewer dead rows than others", { deadRows: 200_000, liveRows: 1_000_000, vacuumedMs: null }, []],
  ["old rows", { age: 1_500_000_000 }, ["WRAPAROUND_NEAR"]],
] as const)("%s", (_case, fields, expected) => {
  expect(codes(judgeTables([{ ...TABLE, ...fields }]))).toEqual(expected);
});

test("slow claims are told; few calls say nothing", () => {
  expect(judgeClaims([{ calls: 5, meanMs: 500, maxMs: 900 }])).toEqual([]);
  expect(judgeClaims([{ calls: 500, meanMs: 9, maxMs: 900 }])).toEqual([]);
  expect(judgeClaims([{ calls: 500, meanMs: 250, maxMs: 900 }])).toMatchObject([
    { code: "CLAIMS_SLOW", severity: "problem", text: expect.stringContaining("250ms on average") },
  ]);
  expect(judgeClaims(null)).toMatchObject([{ code: "NO_STATEMENT_STATISTICS", severity: "note" }]);
});

test("a holder of a snapshot is told with who it is, and how to end it", () => {
  const nobody = { user: null, application: null, state: null, heldMs: null, transactions: null };

  const findings = judgeHolders([
    {
      ...nobody,
      kind: "session",
      name: "4711",
      user: "shop",
      application: "report",
      state: "active",
      heldMs: 3_600_000,
    },
    { ...nobody, kind: "replication slot", name: "old's", transactions: 5_000_000 },
    { ...nobody, kind: "prepared transaction", name: "two", heldMs: 600_000 },
  ]);

  expect(findings).toMatchObject([
    {
      text: expect.stringMatching(
        /^A session \(user shop, report, active\) has held a transaction open for 1h/,
      ),
      repair: "SELECT pg_terminate_backend(4711);",
    },
    {
      text: expect.stringContaining("5,000,000 transactions"),
      repair: "SELECT pg_drop_replication_slot('old''s');",
    },
    { repair: "ROLLBACK PREPARED 'two';" },
  ]);
});

test("leases that nobody recovers are told", () => {
  expect(judgeLeases({ claims: 0, oldestMs: null })).toEqual([]);
  expect(codes(judgeLeases({ claims: 3, oldestMs: 90_000 }))).toEqual(["LEASES_OVERDUE"]);
});

test.each([
  ["same", []],
  ["missing", ["SCHEMA_MISSING"]],
  ["older", ["SCHEMA_OLDER"]],
  ["newer", ["SCHEMA_NEWER"]],
  ["unrecorded", ["SCHEMA_UNRECORDED"]],
] as const)("a schema that is %s", (relation, expected) => {
  expect(codes(judgeVersion({ relation, database: 10, release: 11, least: null, serves: true }))).toEqual(
    expected,
  );
});
