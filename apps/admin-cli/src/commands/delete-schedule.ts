import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";

/** Adds `millrace schedules delete`. */
export function addDeleteSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("delete")
    .description("delete a schedule and its ticks; its jobs stay")
    .argument("<name>", "the schedule's name or id", nameUpTo(100))
    .action((name: string) => host.answer((database) => deleteSchedule(database, name)));
}

async function deleteSchedule({ schedules }: CommandDatabase, nameOrId: string): Promise<Report> {
  const { id, name } = await schedules.get(nameOrId);
  await schedules.delete(id);
  return {
    json: { id, name, outcome: "deleted" },
    text: `Deleted schedule ${escapeControl(name)}; the jobs it made stay.`,
  };
}
