import type { AuditPage } from "@millrace/api/client";
import { commandText, type Target } from "./command-text.ts";

/** How many of the newest entries are looked at: others may have given commands meanwhile. */
export const LOOKED_AT = 20;

/**
 * Finds the command that was just given, so that an undo can be offered: the newest entry with this action and this
 * target that can be undone. Null where nothing is recorded, or where the command cannot be undone.
 */
export function latestCommand(
  { entries }: Pick<AuditPage, "entries">,
  { action, target, who }: { action: string; target: string; who: string | null },
): string | null {
  const entry = entries.find(
    (each) =>
      each.action === action &&
      (who === null || each.who === who) &&
      targetName(each.action, each.filter) === target,
  );
  return entry === undefined || entry.undoUntil === null ? null : entry.commandId;
}

function targetName(action: string, filter: unknown): Target["name"] | null {
  return commandText(action, filter).target?.name ?? null;
}
