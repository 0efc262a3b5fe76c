import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";

/** Adds `millrace queues resume`. */
export function addResumeQueue(parent: Command, host: CommandHost): void {
  parent
    .command("resume")
    .description("let workers claim from a paused queue again")
    .argument("<queue>", "the queue's name", nameUpTo(100))
    .action((name: string) => host.answer((database) => resumeQueue(database, name)));
}

async function resumeQueue({ queue }: CommandDatabase, name: string): Promise<Report> {
  const changed = await queue.resume(name);
  const shown = escapeControl(name);
  return {
    json: { queue: name, outcome: changed ? "resumed" : "unchanged" },
    text: changed ? `Resumed queue ${shown}.` : `Queue ${shown} was not paused.`,
  };
}
