import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { schedulesTable } from "../output/schedule-text.ts";
import { PAGE_MAX, readPage } from "../read-page.ts";

const LIMIT_DEFAULT = 100;

interface ListOptions {
  limit: number;
  after?: string;
}

/** Adds `millrace schedules list`. */
export function addListSchedules(parent: Command, host: CommandHost): void {
  parent
    .command("list")
    .description("list schedules by name")
    .option("--limit <n>", `at most this many, 1 to ${PAGE_MAX}`, integerBetween(1, PAGE_MAX), LIMIT_DEFAULT)
    .option("--after <name>", "only schedules that come after this name: continues a page", nameUpTo(100))
    .action((options: ListOptions) => host.answer((database) => listSchedules(database, options)));
}

async function listSchedules({ schedules }: CommandDatabase, options: ListOptions): Promise<Report> {
  const { items: found, next } = await readPage(
    options.limit,
    ({ limit, after = options.after }) =>
      schedules.list({ limit, ...(after === undefined ? {} : { after }) }),
    (schedule) => schedule.name,
  );
  const more = next === null ? "" : `\nThere are more: --after ${escapeControl(JSON.stringify(next))}`;
  return {
    json: { schedules: found.map(scheduleJson), next },
    text: (view) => schedulesTable(view, found) + more,
  };
}
