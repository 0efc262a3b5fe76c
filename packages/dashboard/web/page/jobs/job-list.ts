import type { JobPage, JobSummary } from "@millrace/api/client";
import { mergePage } from "./merge-page.ts";

/** The rows of the list, and what is known beyond them. */
export interface JobList {
  rows: readonly JobSummary[];
  /** Rows that no longer are in this list, and stay until somebody asks for the newest rows. */
  gone: ReadonlySet<string>;
  /** How many rows are new and not shown yet. */
  added: number;
  /** The cursor of the next page. */
  next: string | null;
  /** All jobs enqueued since this instant were looked at; null when all jobs were. */
  lookedBackTo: string | null;
}

/** The list of one page. */
export function listOf({ jobs, next, lookedBackTo }: JobPage): JobList {
  return { rows: jobs, gone: new Set(), added: 0, next, lookedBackTo };
}

/**
 * The list after a newer answer for its first page: rows stay where they are, and new rows are counted. A list without
 * rows has none to move, and shows the new rows at once. How far a search has come is kept.
 */
export function followed(list: JobList, page: JobPage): JobList {
  if (list.rows.length === 0) return { ...list, rows: page.jobs };
  return { ...list, ...mergePage(list.rows, page.jobs, { isWhole: page.next === null }) };
}

/** The list with the next page after its rows. */
export function appended(list: JobList, page: JobPage): JobList {
  const known = new Set(list.rows.map(({ id }) => id));
  const rows = [...list.rows, ...page.jobs.filter(({ id }) => !known.has(id))];
  return { ...list, rows, next: page.next, lookedBackTo: page.lookedBackTo };
}
