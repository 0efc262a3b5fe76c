import {
  checkFields,
  type Executor,
  fieldNames,
  InvalidOptionError,
  inTransaction,
  type Queryable,
} from "@millrace/base";
import type { AuditOptions } from "./audit-entry.ts";
import { readCommand, type UndoneEntry, writeAudit } from "./audit-log.sql.ts";
import { checkId } from "./check-id.ts";
import { NotUndoableError } from "./not-undoable-error.ts";
import { UNDO_MINUTES, whyNotUndoable } from "./undoable-actions.ts";

/** The options of an undo. */
export interface UndoOptions {
  /** Changes nothing: the result says what the undo would restore now. */
  dryRun?: boolean;
}

/** What an undo did. */
export interface UndoResult {
  /** How many jobs, queues or schedules are as they were before the command. A withdrawn cancel request counts. */
  restored: number;
  /** How many jobs, queues or schedules have changed since the command, and stay as they are. */
  left: number;
}

/** Undoes one row of a command, and returns how much was restored. With `dryRun`, only counts. */
export type UndoPass = (db: Executor, entry: UndoneEntry, options: { dryRun: boolean }) => Promise<number>;

/**
 * For each action: the passes that undo its rows. Each pass goes over all rows of the command before the next one
 * begins. A pass that locks rows which workers need must be the last one: locks stay until the transaction ends.
 */
export type UndoPasses = Readonly<Record<string, readonly UndoPass[]>>;

const FIELDS = fieldNames<UndoOptions>({ dryRun: true });

/**
 * Undoes all rows of a command, and records the undo, in one transaction. So a session that ends half-way leaves
 * everything as it was. Throws `NotUndoableError`, `InvalidOptionError`.
 */
export async function undoCommand(
  { db, audit }: { db: Queryable; audit: AuditOptions | null },
  { commandId: given, passes, options }: { commandId: string; passes: UndoPasses; options: UndoOptions },
): Promise<UndoResult> {
  const commandId = checkId("commandId", given);
  checkFields("options", options, FIELDS);
  const { dryRun = false } = options;
  if (typeof dryRun !== "boolean") throw new InvalidOptionError("dryRun", "true or false", dryRun);
  if (audit === null) {
    const message =
      "An undo is recorded in the audit log: give the option `audit`, who you are and by what tool.";
    throw new InvalidOptionError("audit", { message });
  }
  return inTransaction(db, async (tx) => {
    const entries = await readCommand(tx, commandId, { locks: !dryRun });
    refuse(commandId, entries, passes);
    const restored = await inPasses(tx, { entries, passes, dryRun });
    const left = entries.reduce((sum, entry) => sum + entry.changed, 0) - restored;
    const record = { id: null, commandId: null, action: "undo", filter: JSON.stringify({ commandId }) };
    if (!dryRun) await writeAudit(tx, { ...record, ...audit, changed: restored, before: [] });
    return { restored, left };
  });
}

/** Throws `NotUndoableError` if a command cannot be undone now. */
function refuse(commandId: string, entries: readonly UndoneEntry[], passes: UndoPasses): void {
  const [first] = entries;
  if (first === undefined) {
    throw new NotUndoableError(commandId, "unknown", "the audit log has no command with this id.");
  }
  const other = entries.find(({ action }) => !Object.hasOwn(passes, action));
  if (other !== undefined) throw new NotUndoableError(commandId, "no-undo", whyNotUndoable(other.action));
  if (first.isUndone) throw new NotUndoableError(commandId, "already-undone", "it has been undone already.");
  if (first.isOver) {
    const because = `it began more than ${UNDO_MINUTES} minutes ago. The audit log has what was changed.`;
    throw new NotUndoableError(commandId, "too-late", because);
  }
}

async function inPasses(
  db: Executor,
  { entries, passes, dryRun }: { entries: readonly UndoneEntry[]; passes: UndoPasses; dryRun: boolean },
): Promise<number> {
  let restored = 0;
  const most = Math.max(...entries.map(({ action }) => passes[action]?.length ?? 0));
  for (let index = 0; index < most; index += 1) {
    // The last change first: what it changed is then as the change before it has left it.
    for (const entry of entries.toReversed()) {
      const pass = passes[entry.action]?.[index];
      if (pass !== undefined) restored += await pass(db, entry, { dryRun });
    }
  }
  return restored;
}
