import type { AuditEntry, AuditFilter } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { parseJobId } from "../option/parse-job-id.ts";
import { cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { PAGE_MAX, readPage } from "../read-page.ts";

const LIMIT_DEFAULT = 50;

interface AuditOptions {
  limit: number;
  before?: string;
  command?: string;
}

/** Adds `millrace audit list`. */
export function addListAudit(parent: Command, host: CommandHost): void {
  parent
    .command("list")
    .description("list what people changed by commands, the last change first")
    .option("--limit <n>", `at most this many, 1 to ${PAGE_MAX}`, integerBetween(1, PAGE_MAX), LIMIT_DEFAULT)
    .option("--before <id>", "only entries before this one: continues a page", parseJobId)
    .option("--command <id>", "only the steps of this command", parseJobId)
    .action(({ limit, before, command }: AuditOptions) =>
      host.answer(async ({ queue }) => {
        const { items: entries, next } = await readPage(
          limit,
          (part) => queue.audit(auditFilter({ command, before: part.after ?? before, limit: part.limit })),
          (entry) => entry.id,
        );
        return { json: { entries, next }, text: (view) => auditTable(view, entries, next) };
      }),
    );
}

function auditFilter({
  limit,
  before,
  command,
}: {
  limit: number;
  before: string | undefined;
  command: string | undefined;
}): AuditFilter {
  return {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(command === undefined ? {} : { commandId: command }),
  };
}

function auditTable(view: View, entries: readonly AuditEntry[], next: string | null): string {
  if (entries.length === 0) return "No entries.";
  const drawn = table(
    view,
    ["WHEN", cut("WHO"), cut("VIA"), "ACTION", right("CHANGED"), cut("FILTER")],
    entries.map(({ at, who, via, action, changed, filter }) => [
      at,
      who,
      via,
      action,
      changed,
      filter === null ? null : JSON.stringify(filter),
    ]),
  );
  return next === null ? drawn : `${drawn}\nThere are more: --before ${next}`;
}
