import type { Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleText } from "../output/schedule-text.ts";

/** Adds `millrace schedules get`. */
export function addGetSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("get")
    .description("show a schedule")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action(async (name: string) => {
      host.report(await host.withSchedules((schedules) => getSchedule(schedules, name)));
    });
}

async function getSchedule(schedules: Schedules, name: string): Promise<Report> {
  const schedule = await schedules.get(name);
  return { json: { schedule: scheduleJson(schedule) }, text: scheduleText(schedule) };
}
