import type { Executor } from "@millrace/base";
import type { JsonValue } from "../job/job.ts";
import { toDate, toInstant } from "../job/row-to-job.ts";
import type { AuditEntry, AuditedState, AuditFilter, AuditOptions } from "./audit-entry.ts";
import { UNDO_MINUTES, UNDOABLE_ACTIONS } from "./undoable-actions.ts";

/**
 * Guarantees: inserts one row, in the transaction of the recorded change. If a row has the id $1, adds to the row's
 * count instead.
 * Index: the primary key of audit_log.
 * No row: never.
 */
const WRITE = `
  INSERT INTO millrace.audit_log AS entry (id, command_id, who, via, action, filter, changed, before)
  VALUES (coalesce($1::uuid, millrace.uuid_v7()), coalesce($2::uuid, millrace.uuid_v7()),
          $3, $4, $5, $6::jsonb, $7, $8::jsonb)
  ON CONFLICT (id) DO UPDATE SET changed = entry.changed + excluded.changed
  RETURNING entry.id`;

/** An SQL condition: the command with this id has been undone. `id` is SQL for the id as text. */
const IS_UNDONE = (id: string) =>
  `EXISTS (SELECT FROM millrace.audit_log undo WHERE undo.action = 'undo' AND (undo.filter ->> 'commandId') = ${id})`;

/** SQL for the end of the time in which a command can be undone. `first` is SQL for the instant of its first row. */
const UNDO_UNTIL = (first: string) => `${first} + interval '${UNDO_MINUTES} minutes'`;

/** SQL for a JSON value, or for an object with the length of its text if that is longer than $7 bytes. */
const SHORT = (json: string) => `(
    SELECT CASE WHEN octet_length(t.json::text) > $7::int
      THEN jsonb_build_object('omittedBytes', octet_length(t.json::text)) ELSE t.json END
    FROM (SELECT ${json} AS json OFFSET 0) AS t
  )`;

/** SQL for the first $6 states of an entry. */
const STATES =
  "jsonb_path_query_array(page.before, '$[0 to $last]', jsonb_build_object('last', $6::int - 1))";

/**
 * Guarantees: reads only. Returns the newest entries first, because ids grow with time. `undo_until` has an instant if
 * the command can be undone now. Returns at most $6 states of each entry, and no JSON of more than $7 bytes.
 * Index: the primary key of audit_log, backward; audit_log_command_idx for the entries of one command, and for the
 * first entry of each command; audit_log_undo_key.
 * No row: no entry fits.
 */
const LIST = `
  WITH page AS MATERIALIZED (
    SELECT entry.* FROM millrace.audit_log entry
    WHERE ($1::uuid IS NULL OR entry.id < $1) AND ($2::uuid IS NULL OR entry.command_id = $2)
      AND ($5::text IS NULL OR entry.who = $5)
    ORDER BY entry.id DESC LIMIT $3
  ), command AS MATERIALIZED (
    SELECT each.command_id, ${UNDO_UNTIL("min(one.at)")} AS until
    FROM (SELECT DISTINCT page.command_id FROM page WHERE page.action = ANY($4::text[])) AS each
    JOIN millrace.audit_log one ON one.command_id = each.command_id
    WHERE NOT ${IS_UNDONE("each.command_id::text")}
    GROUP BY each.command_id
  )
  SELECT page.id, page.command_id, page.at, page.who, page.via, page.action, page.changed,
         ${SHORT("page.filter")} AS filter, ${SHORT(STATES)} AS before, command.until AS undo_until
  FROM page LEFT JOIN command
    ON command.command_id = page.command_id AND page.action = ANY($4::text[]) AND command.until > clock_timestamp()
  ORDER BY page.id DESC`;

/**
 * Guarantees: reads only. Returns the newest entries first, without what was changed.
 * Index: the primary key of audit_log, backward; audit_log_command_idx for the entries of one command.
 * No row: no entry fits.
 */
const LIST_WITHOUT_JSON = `
  SELECT page.id, page.command_id, page.at, page.who, page.via, page.action, page.changed,
         CASE WHEN octet_length(page.filter::text) > $5::int
           THEN jsonb_build_object('omittedBytes', octet_length(page.filter::text)) ELSE page.filter END AS filter,
         '[]'::jsonb AS before, NULL::timestamptz AS undo_until
  FROM millrace.audit_entries page
  WHERE ($1::uuid IS NULL OR page.id < $1) AND ($2::uuid IS NULL OR page.command_id = $2)
    AND ($4::text IS NULL OR page.who = $4)
  ORDER BY page.id DESC LIMIT $3`;

/**
 * Guarantees: until the end of the transaction, nobody undoes the command with the id $1. Waits for an undo under way.
 * Index: audit_log_command_idx.
 * No row: the command has no row yet, so there is nothing to undo.
 */
const HOLD = `
  SELECT FROM millrace.audit_log entry WHERE entry.command_id = $1::uuid ORDER BY entry.id LIMIT 1 FOR SHARE`;

/**
 * Guarantees: reads only.
 * Index: audit_log_undo_key.
 * No row: never.
 */
const UNDONE = `SELECT ${IS_UNDONE("lower($1::text)")} AS undone`;

/**
 * Guarantees: until the end of the transaction, the command with the id $1 gets no further row, and nobody else undoes
 * it. Waits for a step of the command, and for another undo.
 * Index: audit_log_command_idx.
 * No row: no command has this id.
 */
const LOCK = `
  SELECT FROM millrace.audit_log entry WHERE entry.command_id = $1::uuid ORDER BY entry.id LIMIT 1 FOR UPDATE`;

/**
 * Guarantees: reads only. Returns the rows of a command, oldest first, without their long columns.
 * Index: audit_log_command_idx, audit_log_undo_key.
 * No row: no command has this id.
 */
const COMMAND = `
  SELECT entry.id, entry.action, entry.changed, ${UNDO_UNTIL("min(entry.at) OVER ()")} <= clock_timestamp() AS "isOver",
         ${IS_UNDONE("entry.command_id::text")} AS "isUndone"
  FROM millrace.audit_log entry WHERE entry.command_id = $1::uuid ORDER BY entry.id`;

/** What to write about one change. */
export interface AuditRecord extends AuditOptions {
  /** The row to add to; null: a new row. */
  id: string | null;
  /** Null: the row is a command of its own. */
  commandId: string | null;
  action: string;
  /** JSON text. */
  filter: string;
  changed: number;
  /** States, or the JSON text of an array of states. */
  before: readonly AuditedState[] | string;
}

/** Writes an entry. Returns its id. */
export async function writeAudit(db: Executor, record: AuditRecord): Promise<string | null> {
  const { rows } = await db.query(WRITE, [
    record.id,
    record.commandId,
    record.who,
    record.via,
    record.action,
    record.filter,
    record.changed,
    typeof record.before === "string" ? record.before : JSON.stringify(record.before),
  ]);
  return (rows as { id: string }[])[0]?.id ?? null;
}

interface Row extends AuditOptions {
  id: string;
  command_id: string;
  at: unknown;
  action: string;
  filter: JsonValue;
  changed: number;
  before: AuditedState[] | AuditedState;
  undo_until: unknown;
}

/** A filter with the limits of what to list. */
type ListedAudit = AuditFilter & Required<Pick<AuditFilter, "limit" | "statesMax" | "bytesMax" | "json">>;

/** Returns entries, newest first. */
export async function listAudit(
  db: Executor,
  { limit, before, commandId, who, statesMax, bytesMax, json }: ListedAudit,
): Promise<AuditEntry[]> {
  const from = [before ?? null, commandId ?? null, limit];
  const { rows } = json
    ? await db.query(LIST, [...from, UNDOABLE_ACTIONS, who ?? null, statesMax, bytesMax])
    : await db.query(LIST_WITHOUT_JSON, [...from, who ?? null, bytesMax]);
  return (rows as Row[]).map(({ command_id: id, at, undo_until: until, before: states, ...entry }) => ({
    ...entry,
    before: Array.isArray(states) ? states : [states],
    commandId: id,
    at: toInstant(at),
    undoUntil: toDate(until),
  }));
}

/** Keeps a command from being undone until the end of the transaction. Returns false if the command has been undone. */
export async function holdCommand(db: Executor, commandId: string): Promise<boolean> {
  await db.query(HOLD, [commandId]);
  // Another statement: the first one does not see what an undo wrote while it waited.
  const { rows } = await db.query(UNDONE, [commandId]);
  return (rows as { undone: boolean }[])[0]?.undone === false;
}

/** A row of a command that is to be undone. */
export interface UndoneEntry {
  id: string;
  action: string;
  /** How many jobs, queues or schedules were changed. */
  changed: number;
  /** Whether the time in which the command can be undone is over. */
  isOver: boolean;
  /** Whether the command has been undone. */
  isUndone: boolean;
}

/** Returns the rows of a command, oldest first. With `locks`, nobody else undoes or continues the command meanwhile. */
export async function readCommand(
  db: Executor,
  commandId: string,
  { locks }: { locks: boolean },
): Promise<UndoneEntry[]> {
  // Two statements: the first one does not see what was written while it waited.
  if (locks) await db.query(LOCK, [commandId]);
  const { rows } = await db.query(COMMAND, [commandId]);
  return rows as UndoneEntry[];
}
