import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";

/** Adds `millrace schedules enable`. */
export function addEnableSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("enable")
    .description("let a schedule run, from now on; ticks that it missed make no jobs")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action((name: string) => host.answer((database) => enableSchedule(database, name)));
}

async function enableSchedule({ schedules }: CommandDatabase, name: string): Promise<Report> {
  const schedule = await schedules.enable(name);
  return {
    json: { schedule: scheduleJson(schedule) },
    text: (view) => scheduleChange(view, "Enabled", schedule),
  };
}
