import type { BackoffSettings, DeadLetter } from "@millrace/schema/values";
import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";
import { parseDelay, parseDelayOrNone } from "./parse-delay.ts";
import { nameUpTo } from "./parse-name.ts";

/** What a job or a queue sets about runs and their failure. `none` takes a setting of a queue away. */
export interface RunSettingsOptions {
  timeout?: number | "none";
  retention?: number | "none";
  backoffBase?: number | "none";
  backoffCap?: number | "none";
  backoffJitter?: number | "none";
  deadLetter?: string;
  deadLetterQueue?: string;
}

const DURATIONS = [
  ["--timeout", "how long one run may take: 30s, 5m, 2h, or ms"],
  ["--retention", "how long an ended job is kept: 1h, 7d"],
  ["--backoff-base", "how long to wait before the second attempt; each wait is twice the one before"],
  ["--backoff-cap", "the longest wait before an attempt"],
  ["--backoff-jitter", "at most this much more before each attempt, chosen at random"],
] as const;

/** Adds the options of `RunSettingsOptions` to a command. With `clears`, each of them also takes `none`. */
export function addRunSettings(command: Command, { clears }: { clears: boolean }): Command {
  command.optionsGroup("Runs and their failure:");
  const value = clears ? "<duration|none>" : "<duration>";
  for (const [flag, what] of DURATIONS) {
    if (clears) command.option(`${flag} ${value}`, what, parseDelayOrNone);
    else command.option(`${flag} ${value}`, what, parseDelay);
  }
  return command
    .option(
      clears ? "--dead-letter <type|none>" : "--dead-letter <type>",
      "the type of the job that a final failure enqueues",
      nameUpTo(100),
    )
    .option("--dead-letter-queue <queue>", "the queue of that job (default: default)", nameUpTo(100))
    .optionsGroup("Options:");
}

/** The names of the options of `RunSettingsOptions`. */
export const RUN_SETTINGS_NAMES = [
  "timeout",
  "retention",
  "backoffBase",
  "backoffCap",
  "backoffJitter",
  "deadLetter",
  "deadLetterQueue",
] as const satisfies readonly (keyof RunSettingsOptions)[];

/** The backoff that the options give; null if they give none. A part that is `none` is left out. */
export function backoffOf({
  backoffBase,
  backoffCap,
  backoffJitter,
}: RunSettingsOptions): BackoffSettings | null {
  const backoff: BackoffSettings = {};
  if (typeof backoffBase === "number") backoff.baseMs = backoffBase;
  if (typeof backoffCap === "number") backoff.capMs = backoffCap;
  if (typeof backoffJitter === "number") backoff.jitterMs = backoffJitter;
  return Object.keys(backoff).length === 0 ? null : backoff;
}

/** The dead letter that the options give; null if they give none. Throws `UsageError` for a queue without a type. */
export function deadLetterOf({ deadLetter, deadLetterQueue }: RunSettingsOptions): DeadLetter | null {
  if (deadLetter === undefined) {
    if (deadLetterQueue === undefined) return null;
    throw new UsageError("--dead-letter-queue goes with --dead-letter; give both.");
  }
  return { type: deadLetter, ...(deadLetterQueue === undefined ? {} : { queue: deadLetterQueue }) };
}
