import { createQueue } from "@millrace/queue";
import { expectedCatalog, readCatalog } from "@millrace/schema/catalog";
import { readSchemaVersion, type SchemaVersion } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import { overdueLeases } from "../store/overdue-leases.sql.ts";
import { readServerFacts } from "../store/read-server-facts.sql.ts";
import { GRANT_STATISTICS } from "../store/repairs.sql.ts";
import { rewriteView } from "../store/rewrite-view.sql.ts";
import { claimStatements } from "../store/slow-claims.sql.ts";
import { snapshotHolders } from "../store/snapshot-holders.sql.ts";
import { readInvalidIndexes, readTableHealth } from "../store/table-health.sql.ts";
import { compareCatalog } from "./compare-catalog.ts";
import { type Finding, note } from "./finding.ts";
import {
  HELD_MS_MAX,
  HELD_TRANSACTIONS_MAX,
  judgeClaims,
  judgeHolders,
  judgeInvalidIndexes,
  judgeLeases,
  judgeTables,
  judgeVersion,
  OVERDUE_MS_MAX,
} from "./judge-health.ts";
import { judgeQueues } from "./judge-queues.ts";
import { judgeSettings } from "./judge-settings.ts";

/** How far to count the jobs of a queue. */
const COUNTED_MAX = 1_000;

/** What the doctor found. */
export interface Examination {
  readonly version: SchemaVersion;
  readonly findings: readonly Finding[];
}

/**
 * Compares the schema with what the migrations make, and looks for what slows jobs down or loses them. Changes nothing.
 */
export async function examine(pool: Pool): Promise<Examination> {
  const version = await readSchemaVersion(pool);
  const server = await readServerFacts(pool);
  const findings = [...judgeVersion(version)];
  // A schema of another release differs, and its difference is no fault.
  if (version.relation === "same" || version.relation === "unrecorded") {
    findings.push(
      ...(await compareCatalog(expectedCatalog(), await readCatalog(pool), (text) =>
        rewriteView(pool, text),
      )),
    );
  }
  findings.push(...judgeSettings(server));
  if (!server.seesOthers) {
    findings.push(
      note("CANNOT_SEE_OTHERS", "pg_read_all_stats", {
        text: "This role does not see what other roles do, so held snapshots and slow claims may be missing here.",
        repair: GRANT_STATISTICS,
      }),
    );
  }
  findings.push(
    ...judgeHolders(
      await snapshotHolders(pool, { heldMs: HELD_MS_MAX, transactions: HELD_TRANSACTIONS_MAX }),
    ),
    ...judgeTables(await readTableHealth(pool)),
    ...judgeInvalidIndexes(await readInvalidIndexes(pool)),
    ...judgeClaims(await claimStatements(pool)),
  );
  if (version.relation === "same") {
    findings.push(...judgeLeases(await overdueLeases(pool, OVERDUE_MS_MAX)));
    const queue = createQueue(pool);
    findings.push(...judgeQueues(await queue.depths({ max: COUNTED_MAX }), await queue.workers()));
  }
  return { version, findings };
}
