import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addScheduleOptions, readScheduleOptions, type ScheduleOptions } from "../option/schedule-options.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";
import { UsageError } from "../usage-error.ts";

/** Adds `millrace schedules update`. */
export function addUpdateSchedule(parent: Command, host: CommandHost): void {
  const command = parent
    .command("update")
    .description("change the given fields of a schedule; all other fields stay")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .option("--name <name>", "the schedule's new name", nameUpTo(100));
  addScheduleOptions(command, { defaults: false }).action(
    async (name: string, options: ScheduleOptions & { name?: string }) => {
      const read = await readScheduleOptions(options, host.io.stdin);
      if (Object.keys(options).length === 0) {
        throw new UsageError("Nothing to change; give at least one option, such as --cron or --payload.");
      }
      await host.answer(async ({ schedules, now }) => {
        const rename = options.name === undefined ? {} : { name: options.name };
        const schedule = await schedules.update(name, { ...read(now), ...rename });
        return {
          json: { schedule: scheduleJson(schedule) },
          text: (view) => scheduleChange(view, "Updated", schedule),
        };
      });
    },
  );
}
