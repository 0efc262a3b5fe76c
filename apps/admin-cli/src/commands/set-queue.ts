import type { QueueSettings } from "@millrace/schema/values";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import {
  addRunSettings,
  RUN_SETTINGS_NAMES,
  type RunSettingsOptions,
} from "../option/run-settings-options.ts";
import { escapeControl } from "../output/escape-control.ts";
import { settingsText } from "../output/settings-text.ts";
import { UsageError } from "../usage-error.ts";

/** Adds `millrace queues set`. */
export function addSetQueue(parent: Command, host: CommandHost): void {
  const command = parent
    .command("set")
    .description(
      "change the given settings of a queue; they hold where neither the job nor its task sets anything",
    )
    .argument("<queue>", "the queue's name", nameUpTo(100))
    .option("--clear", "take all settings away first");
  addRunSettings(command, { clears: true }).action(
    async (name: string, options: RunSettingsOptions & { clear?: boolean }) => {
      if (options.clear !== true && RUN_SETTINGS_NAMES.every((each) => options[each] === undefined)) {
        throw new UsageError("Nothing to set; give at least one option, such as --timeout 5m, or --clear.");
      }
      await host.answer((database) => setQueue(database, name, options));
    },
  );
}

async function setQueue(
  { queue }: CommandDatabase,
  name: string,
  options: RunSettingsOptions & { clear?: boolean },
): Promise<Report> {
  const before = options.clear === true ? {} : ((await queue.queueSettings(name)) ?? {});
  const merged = mergeSettings(before, options);
  const settings = Object.keys(merged).length === 0 ? null : merged;
  await queue.setQueue(name, settings);
  return {
    json: { queue: name, settings },
    text: `Queue ${escapeControl(name)}: ${escapeControl(settingsText(settings) ?? "no settings")}.`,
  };
}

/** Returns the settings with the changes of a command line. `none` takes a setting away. */
export function mergeSettings(before: QueueSettings, options: RunSettingsOptions): QueueSettings {
  const { backoff: backoffBefore, deadLetter: deadLetterBefore, ...durations } = before;
  const merged: QueueSettings = {
    ...withDuration(withDuration(durations, "timeoutMs", options.timeout), "retentionMs", options.retention),
  };
  let backoff = backoffBefore ?? {};
  backoff = withDuration(backoff, "baseMs", options.backoffBase);
  backoff = withDuration(backoff, "capMs", options.backoffCap);
  backoff = withDuration(backoff, "jitterMs", options.backoffJitter);
  if (Object.keys(backoff).length > 0) merged.backoff = backoff;
  const deadLetter = mergeDeadLetter(deadLetterBefore ?? null, options);
  if (deadLetter !== null) merged.deadLetter = deadLetter;
  return merged;
}

function withDuration<Name extends string, Given extends { [Key in Name]?: number }>(
  settings: Given,
  name: Name,
  value: number | "none" | undefined,
): Given {
  if (value === undefined) return settings;
  const { [name]: _replaced, ...rest } = settings;
  // The boundary: a computed name widens to any string.
  return (value === "none" ? rest : { ...rest, [name]: value }) as Given;
}

function mergeDeadLetter(
  before: QueueSettings["deadLetter"] | null,
  { deadLetter, deadLetterQueue }: RunSettingsOptions,
): Exclude<QueueSettings["deadLetter"], undefined> | null {
  if (deadLetter === "none") return null;
  const type = deadLetter ?? before?.type;
  if (type === undefined) {
    if (deadLetterQueue === undefined) return null;
    throw new UsageError("--dead-letter-queue needs a --dead-letter: the queue has none.");
  }
  const queue = deadLetterQueue ?? (deadLetter === undefined ? before?.queue : undefined);
  return { type, ...(queue === undefined ? {} : { queue }) };
}
