import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";

/** Adds `millrace schedules run`. */
export function addRunSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("run")
    .description("enqueue a schedule's job now, also while the schedule is disabled; its next tick stays")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action((name: string) => host.answer((database) => runSchedule(database, name)));
}

async function runSchedule({ schedules }: CommandDatabase, nameOrId: string): Promise<Report> {
  const { id, name } = await schedules.get(nameOrId);
  const jobId = await schedules.runNow(id);
  return {
    json: { id, name, jobId },
    text: `Enqueued job ${jobId} of schedule ${escapeControl(name)}.`,
  };
}
