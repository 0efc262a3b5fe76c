import type { Problem } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { type Loaded, useLoad } from "../../data/use-load.ts";
import { client } from "../../state/client.ts";
import { problemOf } from "../../state/problem.ts";
import type { AuditEntry } from "./audited-command.ts";

/** How many rows a request reads. */
const ROWS = 100;

/** How often the newest rows are read again while the pages are live. */
const EVERY_MS = 5_000;

/** The newest rows, and the older ones that were asked for. */
export interface AuditLog {
  newest: Loaded<{ entries: AuditEntry[]; next: string | null }>;
  /** All loaded rows, the newest first. */
  entries: AuditEntry[];
  /** Reads older rows; null when all are loaded. */
  loadOlder: (() => Promise<void>) | null;
  olderProblem: Problem | null;
}

interface Older {
  key: string;
  entries: AuditEntry[];
  next: string | null;
  problem: Problem | null;
}

/** Reads the audit log: all of it, or the rows of one command. */
export function useAudit(commandId: string | null): AuditLog {
  const key = `audit ${commandId ?? ""}`;
  const which = commandId === null ? {} : { commandId };
  const newest = useLoad(() => client.audit.list({ limit: ROWS, ...which }), key, { everyMs: EVERY_MS });
  const [held, setOlder] = useState<Older | null>(null);
  const older = held?.key === key ? held : null;
  const entries = joined(newest.value?.entries ?? [], older?.entries ?? []);
  const cursor = older === null ? (newest.value?.next ?? null) : older.next;
  const load = async (from: string) => {
    // The newest rows are kept too: rows that are written meanwhile push them off the first page.
    const base = { key, entries, next: from };
    try {
      const page = await client.audit.list({ limit: ROWS, cursor: from, ...which });
      setOlder({ ...base, entries: joined(entries, page.entries), next: page.next, problem: null });
    } catch (error) {
      setOlder({ ...base, problem: problemOf(error) });
    }
  };
  return {
    newest,
    entries,
    loadOlder: cursor === null ? null : () => load(cursor),
    olderProblem: older?.problem ?? null,
  };
}

/** Joins two lists of rows, the newer one first, without repeating a row. */
function joined(newer: readonly AuditEntry[], older: readonly AuditEntry[]): AuditEntry[] {
  const ids = new Set(newer.map(({ id }) => id));
  return [...newer, ...older.filter(({ id }) => !ids.has(id))];
}
