import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";

/** Adds `millrace queues pause`. */
export function addPauseQueue(parent: Command, host: CommandHost): void {
  parent
    .command("pause")
    .description("let no worker claim from a queue; jobs that are claimed already run on")
    .argument("<queue>", "the queue's name", nameUpTo(100))
    .action((name: string) => host.answer((database) => pauseQueue(database, name)));
}

async function pauseQueue({ queue }: CommandDatabase, name: string): Promise<Report> {
  const changed = await queue.pause(name);
  const shown = escapeControl(name);
  return {
    json: { queue: name, outcome: changed ? "paused" : "unchanged" },
    text: changed ? `Paused queue ${shown}.` : `Queue ${shown} was paused already.`,
  };
}
