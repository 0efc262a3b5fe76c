import { type AuditEntry, NotUndoableError, type UndoResult } from "@millrace/queue";
import type { Command } from "commander";
import { confirmer } from "../change-many.ts";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import { parseCommandId } from "../option/parse-command-id.ts";
import { countText } from "../output/count-text.ts";
import { escapeControl } from "../output/escape-control.ts";
import { relativeText } from "../output/relative-text.ts";
import { UsageError } from "../usage-error.ts";

interface UndoCommandOptions {
  last?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** Adds `millrace undo`. */
export function addUndo(parent: Command, host: CommandHost): void {
  parent
    .command("undo")
    .description("undo a command of the last ten minutes; jobs that have changed since stay as they are")
    .argument(
      "[command-id]",
      "the id of the command: retry and others print it, and `millrace audit list --json` has it",
      parseCommandId,
    )
    .option("--last", "your last command, in place of an id")
    .option("--dry-run", "change nothing; show how much would be restored")
    .option("--yes", "do not ask; required where nobody can be asked, as in a script")
    .action(async (commandId: string | undefined, options: UndoCommandOptions) => {
      if ((commandId === undefined) === (options.last !== true)) {
        throw new UsageError("Give the id of a command, or --last for your last one.");
      }
      await host.answer((database) => undo(host, database, { commandId, ...options }));
    });
}

async function undo(
  host: CommandHost,
  database: CommandDatabase,
  { commandId, dryRun = false, yes = false }: UndoCommandOptions & { commandId: string | undefined },
): Promise<Report> {
  const entry = commandId === undefined ? await lastCommand(database) : await commandOf(database, commandId);
  const undoer = entry.action.startsWith("schedules.") ? database.schedules : database.queue;
  if (!yes || dryRun) {
    const counted = await undoer.undo(entry.commandId, { dryRun: true });
    const what = `${whatText(entry, database)}: ${resultText(counted, "would be")}`;
    if (dryRun) return { json: { dryRun: true, commandId: entry.commandId, ...counted }, text: what };
    const confirm = confirmer(host, `${what} Add --yes to undo it, or --dry-run to see this again.`);
    await confirm(`${what}\nUndo it?`);
  }
  const result = await undoer.undo(entry.commandId);
  return {
    json: { commandId: entry.commandId, ...result },
    text: `Undid ${whatText(entry, database)}: ${resultText(result, "were")}`,
  };
}

/** Returns an entry of a command. An unknown command is refused as the undo itself would. */
async function commandOf({ queue }: CommandDatabase, commandId: string): Promise<AuditEntry> {
  const [entry] = await queue.audit({ commandId, limit: 1 });
  if (entry !== undefined) return entry;
  throw new NotUndoableError(commandId, "unknown", "the audit log has no command with this id.");
}

/** How many entries are read at once to find the last command. */
const ENTRIES = 10;

/** Returns an entry of the last command of whoever gives this one. Undos do not count: they have no undo. */
async function lastCommand({ queue, who }: CommandDatabase): Promise<AuditEntry> {
  for (let before: string | undefined; ; ) {
    const page = await queue.audit({ who, limit: ENTRIES, ...(before === undefined ? {} : { before }) });
    const last = page.find(({ action }) => action !== "undo");
    if (last !== undefined) return last;
    before = page.at(-1)?.id;
    if (before === undefined) throw new UsageError(`The audit log has no command of ${escapeControl(who)}.`);
  }
}

/** Names a command: `cancelMany by ada with "millrace jobs cancel", 3 min ago, in db on localhost`. */
function whatText({ action, who, via, at }: AuditEntry, { now, location }: CommandDatabase): string {
  const by = `${action} by ${escapeControl(who)} with "${escapeControl(via)}"`;
  return `${by}, ${relativeText(at, now)}, in ${locationText(location)}`;
}

function resultText({ restored, left }: UndoResult, are: string): string {
  const moved =
    left === 1 ? "1 has moved on and stays as now" : `${countText(left)} have moved on and stay as now`;
  const were = are === "were" && restored === 1 ? "was" : are;
  return `${countText(restored)} ${were} restored${left === 0 ? "" : `, and ${moved}`}.`;
}
