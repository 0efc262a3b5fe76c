import { TICKS_KEPT } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { ticksTable } from "../output/schedule-text.ts";

const LIMIT_DEFAULT = 20;

/** Adds `millrace schedules ticks`. */
export function addScheduleTicks(parent: Command, host: CommandHost): void {
  parent
    .command("ticks")
    .description("show what became of a schedule's last ticks, the latest first")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .option(
      "--limit <n>",
      `at most this many, 1 to ${TICKS_KEPT}, which is how many are kept`,
      integerBetween(1, TICKS_KEPT),
      LIMIT_DEFAULT,
    )
    .action((name: string, options: { limit: number }) =>
      host.answer(async ({ schedules }) => {
        const ticks = await schedules.ticks(name, options);
        return { json: { ticks }, text: (view) => ticksTable(view, ticks) };
      }),
    );
}
