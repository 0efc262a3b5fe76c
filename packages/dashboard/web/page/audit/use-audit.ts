import type { Problem } from "@millrace/api/client";
import { useEffect, useState } from "preact/hooks";
import { type Loaded, useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { problemOf } from "../../state/problem.ts";
import { type AuditRows, withNewest, withOlder } from "./audit-rows.ts";
import type { AuditEntry } from "./audited-command.ts";

/** How many rows a request reads. */
const ROWS = 50;

/** How often the newest rows are read again while the pages are live: rows with former states are long. */
const EVERY_MS = 10_000;

/** The newest rows, and the older ones that were asked for. */
export interface AuditLog {
  newest: Loaded<AuditRows>;
  /** All loaded rows, the newest first. */
  entries: AuditEntry[];
  /** Reads older rows; null when all are loaded. */
  loadOlder: (() => Promise<void>) | null;
  olderProblem: Problem | null;
}

/** The rows since somebody asked for older ones. */
interface Held {
  key: string;
  rows: AuditRows;
  problem: Problem | null;
}

/** Reads the audit log: all of it, or the rows of one command. */
export function useAudit(commandId: string | null): AuditLog {
  const key = `audit ${commandId ?? ""}`;
  const which = commandId === null ? {} : { commandId };
  const newest = useLoad(() => client.audit.list({ limit: ROWS, ...which }), key, { everyMs: EVERY_MS });
  const [held, setHeld] = useState<Held | null>(null);
  const page = newest.value;
  useEffect(() => {
    // Newer rows push rows off the first page. Where older rows are shown below, the pushed rows stay between the two.
    if (page !== undefined) setHeld((before) => before && { ...before, rows: withNewest(before.rows, page) });
  }, [page]);

  const older = held?.key === key ? held : null;
  const rows = page === undefined ? NONE : withNewest(older?.rows ?? null, page);
  const { next } = rows;
  const load = async (cursor: string) => {
    try {
      const found = await client.audit.list({ limit: ROWS, cursor, ...which });
      setHeld({ key, rows: withOlder(rows, found), problem: null });
    } catch (error) {
      setHeld({ key, rows, problem: problemOf(error) });
    }
  };
  return {
    newest,
    entries: rows.entries,
    loadOlder: next === null ? null : () => load(next),
    olderProblem: older?.problem ?? null,
  };
}

const NONE: AuditRows = { entries: [], next: null };
