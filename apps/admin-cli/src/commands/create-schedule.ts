import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addScheduleOptions, readScheduleOptions, type ScheduleOptions } from "../option/schedule-options.ts";
import { scheduleJson } from "../output/schedule-json.ts";
import { scheduleChange } from "../output/schedule-text.ts";
import { UsageError } from "../usage-error.ts";

interface CreateOptions extends ScheduleOptions {
  disabled?: boolean;
  runOnCreate?: boolean;
}

/** Adds `millrace schedules create`. */
export function addCreateSchedule(parent: Command, host: CommandHost): void {
  const command = parent
    .command("create")
    .description("create a schedule")
    .argument("<name>", "a name that no other schedule has", nameUpTo(100));
  addScheduleOptions(command, { defaults: true })
    .option("--disabled", "create the schedule disabled: it does not run before `schedules enable`")
    .option("--run-on-create", "make the creation the first tick, whose job is due now")
    .action(async (name: string, { disabled = false, runOnCreate, ...options }: CreateOptions) => {
      const { type, cron, every } = options;
      if (type === undefined) throw new UsageError("required option '--type <type>' not specified");
      if (cron === undefined && every === undefined) {
        throw new UsageError("required option '--cron <expression>' or '--every <duration>' not specified");
      }
      const read = await readScheduleOptions(options, host.io.stdin);
      await host.answer(async ({ schedules, now }) => {
        const schedule = await schedules.create({
          ...read(now),
          name,
          jobType: type,
          enabled: !disabled,
          ...(runOnCreate === undefined ? {} : { runOnCreate }),
        });
        return {
          json: { schedule: scheduleJson(schedule) },
          text: (view) => scheduleChange(view, "Created", schedule),
        };
      });
    });
}
