import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migrateRoles } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { allBlocks } from "../src/block/write-programs.ts";
import { SITE } from "../src/folders.ts";

const database = useTestDatabase();
const READER = readFileSync(join(SITE, "placeholders/reader.sql"), "utf8");

/** Blocks that move the jobs of another queue need its tables: coming-from.db.test.ts runs them. */
const blocks = allBlocks().filter(
  ({ source, language, check }) =>
    language === "sql" && check?.kind !== "skip" && !source.startsWith("docs/coming-from/"),
);

// The examples make the reader's roles members of Millrace's.
beforeAll(async () => {
  await migrateRoles(database.pool());
});

test.for(blocks)("the SQL at $source:$line runs on a migrated database", async ({ code, check }) => {
  const client = await database.pool({ max: 1 }).connect();
  try {
    await client.query("BEGIN");
    await client.query(READER);
    if (check?.kind === "with") await client.query(check.code);
    const statements = check?.kind === "around" ? check.code.replace("$block", code) : code;
    await expect(client.query(statements.replace(/^(BEGIN|COMMIT);$/gm, ""))).resolves.toBeDefined();
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
});
