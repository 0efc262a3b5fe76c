import type { NewSchedule, Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addScheduleOptions, readScheduleOptions, type ScheduleOptions } from "../option/schedule-options.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";

type CreateOptions = ScheduleOptions & { cron: string; type: string; disabled?: boolean };

/** Adds `millrace schedules create`. */
export function addCreateSchedule(parent: Command, host: CommandHost): void {
  const command = parent
    .command("create")
    .description("create a schedule")
    .argument("<name>", "a name no other schedule has", nameUpTo(100));
  addScheduleOptions(command, { creates: true })
    .option("--disabled", "create it disabled: it does not run until it is enabled")
    .action(async (name: string, { disabled = false, ...options }: CreateOptions) => {
      const fields = await readScheduleOptions(options, host.io.stdin);
      const schedule = { ...fields, name, cron: options.cron, jobType: options.type, enabled: !disabled };
      host.report(await host.withSchedules((schedules) => createSchedule(schedules, schedule)));
    });
}

async function createSchedule(schedules: Schedules, input: NewSchedule): Promise<Report> {
  const schedule = await schedules.create(input);
  return { json: { schedule: scheduleJson(schedule) }, text: scheduleChange("Created", schedule) };
}
