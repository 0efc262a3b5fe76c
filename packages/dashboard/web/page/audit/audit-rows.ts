import type { AuditEntry } from "./audited-command.ts";

/** Rows of the audit log, the newest first, and where the older ones begin. Null: there are no older ones. */
export interface AuditRows {
  entries: AuditEntry[];
  next: string | null;
}

/**
 * Puts the newest page before the rows that are known. When the two have no row in common, rows may be missing between
 * them: then the newest page stands alone.
 */
export function withNewest(known: AuditRows | null, page: AuditRows): AuditRows {
  if (known === null) return page;
  const ids = idsOf(page);
  const meets = page.next === null || known.entries.some(({ id }) => ids.has(id));
  return meets ? { entries: joined(page, known), next: known.next } : page;
}

/** Adds an older page to the rows that are known. */
export function withOlder(known: AuditRows, page: AuditRows): AuditRows {
  return { entries: joined(known, page), next: page.next };
}

/** The rows of both, without repeating a row. */
function joined(newer: AuditRows, older: AuditRows): AuditEntry[] {
  const ids = idsOf(newer);
  return [...newer.entries, ...older.entries.filter(({ id }) => !ids.has(id))];
}

const idsOf = ({ entries }: AuditRows) => new Set(entries.map(({ id }) => id));
