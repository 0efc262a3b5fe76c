import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";

/** Adds `millrace schedules disable`. */
export function addDisableSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("disable")
    .description("keep a schedule from running; its ticks and jobs stay")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action((name: string) => host.answer((database) => disableSchedule(database, name)));
}

async function disableSchedule({ schedules }: CommandDatabase, name: string): Promise<Report> {
  const schedule = await schedules.disable(name);
  return {
    json: { schedule: scheduleJson(schedule) },
    text: (view) => scheduleChange(view, "Disabled", schedule),
  };
}
