import type { SchemaVersion } from "@millrace/schema/migrations";
import { countText } from "../output/count-text.ts";
import { durationText } from "../output/duration-text.ts";
import { escapeControl } from "../output/escape-control.ts";
import type { OverdueLeases } from "../store/overdue-leases.sql.ts";
import {
  CREATE_STATEMENTS,
  dropSlot,
  endSession,
  inSchema,
  RESET_STATEMENTS,
  reindex,
  resetAutovacuum,
  rollbackPrepared,
  vacuum,
} from "../store/repairs.sql.ts";
import type { ClaimStatement } from "../store/slow-claims.sql.ts";
import type { SnapshotHolder } from "../store/snapshot-holders.sql.ts";
import type { InvalidIndex, TableHealth } from "../store/table-health.sql.ts";
import { type Finding, note, problem } from "./finding.ts";

/** A snapshot that is held for so long, in ms, keeps too many dead rows. */
export const HELD_MS_MAX = 300_000;
/** A slot or a standby that is so many transactions behind keeps too many dead rows. */
export const HELD_TRANSACTIONS_MAX = 1_000_000;
/** Leases that ended so long ago, in ms, should have been recovered: recovery looks every few seconds. */
export const OVERDUE_MS_MAX = 60_000;

/** More dead rows than this are a problem. At full speed, so many die between two visits of autovacuum. */
const DEAD_ROWS_MAX = 100_000;
const VACUUM_LATE_MS = 600_000;
/** PostgreSQL takes no more writes at 2,000,000,000. Autovacuum begins in earnest at 200,000,000. */
const AGE_MAX = 1_000_000_000;
/** A claim of 1,000 jobs takes 9 ms on a small machine. */
const CLAIM_MS_MAX = 100;
const CLAIM_CALLS_MIN = 10;

/** Judges the version of the database's schema. */
export function judgeVersion({ relation, database, release }: SchemaVersion): Finding[] {
  switch (relation) {
    case "same":
      return [];
    case "missing":
      return [
        problem("SCHEMA_MISSING", "millrace", { text: "The schema is missing; run `millrace migrate`." }),
      ];
    case "older":
      return [
        problem("SCHEMA_OLDER", "millrace", {
          text:
            `The schema is older than this release: it has ${database} of ${release} migrations; run ` +
            "`millrace migrate`.",
        }),
      ];
    case "newer":
      return [
        problem("SCHEMA_NEWER", "millrace", {
          text:
            `The schema is newer than this release: it has ${database} migrations, and this release ${release}. Use ` +
            "the release that made them.",
        }),
      ];
    case "unrecorded":
      return [
        problem("SCHEMA_UNRECORDED", "millrace.migrations", {
          text: "The schema is there, but no migration is recorded, or this role may not read the record.",
        }),
      ];
  }
}

/** Judges what holds snapshots. */
export function judgeHolders(holders: readonly SnapshotHolder[]): Finding[] {
  return holders.map((holder) =>
    problem("SNAPSHOT_HELD", `${holder.kind} ${escapeControl(holder.name)}`, {
      text:
        `${whoText(holder)} has ${heldText(holder)}. Vacuum cannot remove the rows that died since, and claims read ` +
        "over them.",
      ...repairOf(holder),
    }),
  );
}

function whoText({ kind, user, application, state }: SnapshotHolder): string {
  const details = [
    user === null ? null : `user ${user}`,
    application === null || application === "" ? null : application,
    state,
  ].filter((part) => part !== null);
  return escapeControl(`A ${kind}${details.length === 0 ? "" : ` (${details.join(", ")})`}`);
}

function heldText({ heldMs, transactions }: SnapshotHolder): string {
  if (heldMs !== null) {
    const behind = transactions === null ? "" : `, ${countText(transactions)} transactions ago`;
    return `held a transaction open for ${durationText(heldMs)}${behind}`;
  }
  return `held a snapshot for ${countText(transactions ?? 0)} transactions`;
}

function repairOf({ kind, name }: SnapshotHolder): { repair?: string } {
  if (kind === "session") return { repair: endSession(name) };
  if (kind === "prepared transaction") return { repair: rollbackPrepared(name) };
  if (kind === "replication slot") return { repair: dropSlot(name) };
  return {};
}

/** Judges the tables of the schema. */
export function judgeTables(tables: readonly TableHealth[]): Finding[] {
  return tables.flatMap((health) => {
    const { table, liveRows, deadRows, vacuumedMs, autovacuumOff, age } = health;
    const object = inSchema(table);
    const findings: Finding[] = [];
    if (autovacuumOff) {
      findings.push(
        problem("TABLE_AUTOVACUUM_OFF", object, {
          text: "autovacuum is switched off for the table: dead rows stay, and slow claims down.",
          repair: resetAutovacuum(table),
        }),
      );
    }
    const isLate = vacuumedMs === null || vacuumedMs > VACUUM_LATE_MS;
    if (deadRows > DEAD_ROWS_MAX && deadRows > liveRows && isLate) {
      findings.push(
        problem("DEAD_ROWS", object, {
          text:
            `The table has ${countText(deadRows)} dead rows and ${countText(liveRows)} others; it was vacuumed ` +
            `${vacuumedMs === null ? "never" : `${durationText(vacuumedMs)} ago`}.`,
          repair: vacuum(table, "ANALYZE"),
        }),
      );
    }
    if (age > AGE_MAX) {
      findings.push(
        problem("WRAPAROUND_NEAR", object, {
          text: `The oldest rows are ${countText(age)} transactions old. At 2,000,000,000 the server takes no writes.`,
          repair: vacuum(table, "FREEZE"),
        }),
      );
    }
    return findings;
  });
}

/** Judges indexes whose build failed. */
export function judgeInvalidIndexes(indexes: readonly InvalidIndex[]): Finding[] {
  return indexes.map(({ index, table }) =>
    problem("INDEX_INVALID", inSchema(index), {
      text:
        `The index of ${inSchema(table)} is invalid, because its build failed. It costs writes, and serves no ` +
        "reads.",
      repair: reindex(index),
    }),
  );
}

/** Judges how long claims take. */
export function judgeClaims(statements: readonly ClaimStatement[] | null): Finding[] {
  if (statements === null) {
    return [
      note("NO_STATEMENT_STATISTICS", "pg_stat_statements", {
        text: "pg_stat_statements is not available here, so the doctor cannot say how long claims take.",
        repair: CREATE_STATEMENTS,
      }),
    ];
  }
  return statements
    .filter(({ calls, meanMs }) => calls >= CLAIM_CALLS_MIN && meanMs > CLAIM_MS_MAX)
    .map(({ calls, meanMs, maxMs }) =>
      problem("CLAIMS_SLOW", "claim", {
        text:
          `A claim took ${durationText(meanMs)} on average, and up to ${durationText(maxMs)}, in ${countText(calls)} ` +
          "calls. Look for held snapshots, dead rows and invalid indexes above; else the server is too small.",
        repair: RESET_STATEMENTS,
      }),
    );
}

/** Judges claims that nobody recovers. */
export function judgeLeases({ claims, oldestMs }: OverdueLeases): Finding[] {
  if (claims === 0) return [];
  return [
    problem("LEASES_OVERDUE", "millrace.claims", {
      text:
        `${countText(claims)} claims have leases that ended up to ${durationText(oldestMs ?? 0)} ago. A worker that ` +
        "runs would have taken the jobs back: start a worker.",
    }),
  ];
}
