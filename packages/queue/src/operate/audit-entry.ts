import type { JsonValue } from "../job/job.ts";

/** Who gives commands, and with which tool. */
export interface AuditOptions {
  /** The person or program that gives the commands, in 1 to 200 characters. */
  who: string;
  /** The tool, and where possible its command, in 1 to 200 characters: `millrace jobs cancel`, `admin page`. */
  via: string;
}

/**
 * A job, a queue or a schedule as it was before a command. A job has `id` and `state`, and a queue has `queue`. Beside
 * these are the old values of what the command changed, and what its undo needs. `output` is JSON text. In place of an
 * output that is too large to keep, `outputBytes` has its length.
 */
export interface AuditedState {
  readonly id?: string;
  readonly queue?: string;
  readonly state?: string;
  readonly [field: string]: JsonValue | undefined;
}

/** A row of the audit log: what one statement changed. A command in batches has a row for each batch. */
export interface AuditEntry {
  id: string;
  /** The id of the command, which all its entries share. `undo` takes it. */
  commandId: string;
  /** When the change was made, by the database's clock. */
  at: Date;
  who: string;
  via: string;
  /** The command by its name in this library: `cancelMany`. */
  action: string;
  /** The arguments of the command. Of more than 100 ids, the first 100, and `idCount`. */
  filter: JsonValue;
  /** How many jobs, queues or schedules the entry's statement changed. A requested cancel counts. */
  changed: number;
  /** What was changed, as it was before: at most 10,000. Empty after `prune`. */
  before: readonly AuditedState[];
  /** Until when `undo` can undo the command: ten minutes after its first change. Null when it cannot be undone. */
  undoUntil: Date | null;
}

/** Selects the entries of the audit log to return: entries that match every given field. */
export interface AuditFilter {
  /** How many entries to return at most, 1 to 1,000. Default 50. */
  limit?: number;
  /** Only entries with a smaller id. For the next page, give the id of the last entry of this page. */
  before?: string;
  /** Only the entries of this command. */
  commandId?: string;
  /** Only entries whose `who` is exactly this name. */
  who?: string;
  /** How many states `before` has at most, 1 to 10,000. Default 10,000. */
  statesMax?: number;
  /**
   * How many bytes `filter` and `before` have at most as JSON, from 1. Of a longer one, `omittedBytes` says how long it
   * is. Default: any number.
   */
  bytesMax?: number;
  /**
   * Whether to read what was changed, and the payloads among the arguments. Default true. With false, `before` is
   * empty, `filter` has no payload, `undoUntil` is null, and the database's role needs no right to read them.
   */
  json?: boolean;
}
