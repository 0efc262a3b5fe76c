import type { AuditPage } from "@millrace/api/client";

/** A row of the audit log: what one statement changed. */
export type AuditEntry = AuditPage["entries"][number];

/** What one command changed, in one or more rows. */
export interface AuditedCommand {
  commandId: string;
  /** When the command began and ended, as far as its rows are loaded. */
  beganAt: string;
  endedAt: string;
  who: string;
  via: string;
  action: string;
  filter: unknown;
  /** How many jobs, queues or schedules all rows together changed. */
  changed: number;
  rows: number;
  /** What was changed, as it was before; not all of a large command. */
  before: Readonly<Record<string, unknown>>[];
  /** Until when the command can be undone; null when it cannot. */
  undoUntil: string | null;
}

/** Joins the rows of each command. The rows are listed the newest first, and so are the commands. */
export function auditedCommands(entries: readonly AuditEntry[]): AuditedCommand[] {
  const commands = new Map<string, AuditedCommand>();
  for (const entry of entries) {
    const command = commands.get(entry.commandId);
    commands.set(entry.commandId, command === undefined ? commandOf(entry) : joined(command, entry));
  }
  return [...commands.values()];
}

function commandOf({ id: _id, at, changed, before, ...entry }: AuditEntry): AuditedCommand {
  return { ...entry, beganAt: at, endedAt: at, changed, rows: 1, before };
}

/** Adds an earlier row. A command of many rows began with the arguments of its first row. */
function joined(command: AuditedCommand, entry: AuditEntry): AuditedCommand {
  return {
    ...command,
    beganAt: entry.at,
    filter: entry.filter,
    changed: command.changed + entry.changed,
    rows: command.rows + 1,
    before: [...entry.before, ...command.before],
    undoUntil: entry.undoUntil,
  };
}

/** Whether a command can still be undone. Both instants are by the database's clock. */
export function isUndoable({ undoUntil }: Pick<AuditedCommand, "undoUntil">, now: string): boolean {
  return undoUntil !== null && Date.parse(undoUntil) > Date.parse(now);
}
