import { createTestDatabase } from "@millrace/testpg";
import { Pool } from "pg";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { migrate, readSchemaVersion } from "../src/index.ts";

let pool: Pool;
beforeEach(async () => {
  const empty = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
  pool = new Pool({ connectionString: empty.url });
  // end() resolves before the server has let go, and dropping the database cuts what is left.
  pool.on("error", () => undefined);
  return async () => {
    await pool.end();
    await empty.drop();
  };
});

const LAST = "(SELECT max(created_at) FROM millrace.migrations)";

describe("the schema of a database", () => {
  test("is missing before the first migration, and the release's own after it", async () => {
    const { release } = await readSchemaVersion(pool);

    expect(await readSchemaVersion(pool)).toMatchObject({
      relation: "missing",
      database: 0,
      release,
      serves: false,
    });
    await migrate(pool);
    expect(await readSchemaVersion(pool)).toMatchObject({
      relation: "same",
      database: release,
      release,
      serves: true,
    });
  });

  test.each([
    ["older", `DELETE FROM millrace.migrations WHERE created_at = ${LAST}`, -1],
    ["newer", `INSERT INTO millrace.migrations (hash, created_at) SELECT 'later', ${LAST} + 1`, 1],
  ] as const)("is %s by its last migration, and counts its own", async (relation, change, difference) => {
    await migrate(pool);
    await pool.query(change);

    const version = await readSchemaVersion(pool);

    expect(version).toMatchObject({ relation, database: version.release + difference });
  });

  test.each(["DROP TABLE millrace.migrations", "DELETE FROM millrace.migrations"])(
    "is unrecorded after %s",
    async (change) => {
      await migrate(pool);
      await pool.query(change);

      expect(await readSchemaVersion(pool)).toMatchObject({ relation: "unrecorded", database: 0 });
    },
  );
});
