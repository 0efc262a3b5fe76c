import type { Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { schedulesTable } from "../output/schedule-text.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

interface Page {
  limit: number;
  after?: string;
}

/** Adds `millrace schedules list`. */
export function addListSchedules(parent: Command, host: CommandHost): void {
  parent
    .command("list")
    .description("list schedules by name")
    .option(
      "--limit <n>",
      `at most this many, 1 to ${LIMIT_MAX}`,
      integerBetween(1, LIMIT_MAX),
      LIMIT_DEFAULT,
    )
    .option("--after <name>", "only schedules that come after this name: continues a page", nameUpTo(100))
    .action(async (options: Page) => {
      host.report(await host.withSchedules((schedules) => listSchedules(schedules, options)));
    });
}

async function listSchedules(schedules: Schedules, page: Page): Promise<Report> {
  const found = await schedules.list(page);
  // A full page may be the last page. The page after it is then empty.
  const next = found.length === page.limit ? (found.at(-1)?.name ?? null) : null;
  const more = next === null ? "" : `\nThere may be more: --after ${escapeControl(JSON.stringify(next))}`;
  return { json: { schedules: found.map(scheduleJson), next }, text: schedulesTable(found) + more };
}
