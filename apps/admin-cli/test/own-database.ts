import { createTestDatabase } from "@millrace/testpg";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { examine } from "../src/doctor/examine.ts";
import type { Finding } from "../src/doctor/finding.ts";

/** What the server of the tests is to blame for: its data may be lost. */
const OF_TEST_SERVERS = new Set(["UNSAFE_STORAGE", "CONNECTIONS_NEAR_LIMIT", "ASYNCHRONOUS_COMMIT"]);

/** The problems of a database that its server is not to blame for. */
export async function problems(on: pg.Pool): Promise<Finding[]> {
  const { findings } = await examine(on);
  return findings.filter(({ severity, code }) => severity === "problem" && !OF_TEST_SERVERS.has(code));
}

/** A migrated database that a test may damage. */
export async function ownDatabase(): Promise<pg.Pool> {
  const { serverUrl, template } = inject("millraceTestDatabase");
  const own = await createTestDatabase({ serverUrl, template });
  const ownPool = new pg.Pool({ connectionString: own.url, max: 2 });
  ownPool.on("error", () => undefined);
  onTestFinished(async () => {
    await ownPool.end();
    await own.drop();
  });
  return ownPool;
}
