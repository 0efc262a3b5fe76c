import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query("DELETE FROM millrace.view_refreshes");
});

const JOB = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

describe("views list", () => {
  test("no refreshes are an empty list, and people are told so", async () => {
    expect(await cli.json(["views", "list"])).toEqual({ views: [] });
    expect(await cli.text(["views", "list"])).toBe("No views were refreshed.\n");
  });

  test("shows the last refresh of each view, by name", async () => {
    await pool.query(
      `INSERT INTO millrace.view_refreshes VALUES
         ('reports', 'sales', $1, '2026-03-01T00:00:00Z', '2026-03-01T00:01:30.5Z', true, NULL,
          '2026-03-01T00:00:00Z', 40960),
         ('public', 'stock', $1, '2026-03-02T00:00:00Z', '2026-03-02T00:00:01Z', NULL, E'no\\033 right', NULL, NULL)`,
      [JOB],
    );

    expect(await cli.json(["views", "list"])).toEqual({
      views: [
        {
          ...{ schema: "public", view: "stock", jobId: JOB, concurrent: null, error: "no\u001b right" },
          ...{ startedAt: "2026-03-02T00:00:00.000Z", finishedAt: "2026-03-02T00:00:01.000Z" },
          ...{ durationMs: 1_000, refreshedAt: null, sizeBytes: null },
        },
        {
          ...{ schema: "reports", view: "sales", jobId: JOB, concurrent: true, error: null },
          ...{ startedAt: "2026-03-01T00:00:00.000Z", finishedAt: "2026-03-01T00:01:30.500Z" },
          ...{ durationMs: 90_500, refreshedAt: "2026-03-01T00:00:00.000Z", sizeBytes: 40_960 },
        },
      ],
    });
    const text = await cli.text(["views", "list"]);
    expect(text).toMatch(/^public\.stock +- +failed +1s +- +no\\u001b right$/m);
    expect(text).toMatch(/^reports\.sales +\S.* ok +1m 30s +40 kB +-$/m);
    expect(text).not.toContain("\u001b");
  });
});
