import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleText } from "../output/schedule-text.ts";

/** Adds `millrace schedules get`. */
export function addGetSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("get")
    .description("show a schedule")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action((name: string) => host.answer((database) => getSchedule(database, name)));
}

async function getSchedule({ schedules }: CommandDatabase, name: string): Promise<Report> {
  const schedule = await schedules.get(name);
  return { json: { schedule: scheduleJson(schedule) }, text: (view) => scheduleText(view, schedule) };
}
