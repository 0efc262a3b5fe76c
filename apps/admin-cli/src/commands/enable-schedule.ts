import type { Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";

/** Adds `millrace schedules enable`. */
export function addEnableSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("enable")
    .description("let a schedule run, from now on; what it missed is not made up for")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action(async (name: string) => {
      host.report(await host.withSchedules((schedules) => enableSchedule(schedules, name)));
    });
}

async function enableSchedule(schedules: Schedules, name: string): Promise<Report> {
  const schedule = await schedules.enable(name);
  return { json: { schedule: scheduleJson(schedule) }, text: scheduleChange("Enabled", schedule) };
}
