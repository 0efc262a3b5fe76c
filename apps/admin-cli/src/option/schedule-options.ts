import type { SchedulePatch } from "@millrace/scheduler";
import {
  INTEGER_MAX,
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  PRIORITY_MAX,
  PRIORITY_MIN,
} from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandIo } from "../command-io.ts";
import { parseBound } from "./parse-bound.ts";
import { parseCron } from "./parse-cron.ts";
import { parseDelay } from "./parse-delay.ts";
import type { TypedInstant } from "./parse-instant.ts";
import { integerBetween } from "./parse-integer.ts";
import { parseJitter } from "./parse-jitter.ts";
import { nameUpTo } from "./parse-name.ts";
import { parseTimeZone } from "./parse-time-zone.ts";
import { addPayloadOptions, type PayloadOptions, readPayload } from "./read-payload.ts";

/** The options that `schedules create` and `schedules update` share. */
export interface ScheduleOptions extends PayloadOptions {
  cron?: string;
  every?: number;
  anchor?: TypedInstant | "none";
  type?: string;
  timezone?: string;
  queue?: string;
  priority?: number;
  maxAttempts?: number;
  maxRuns?: number | "none";
  misfire?: MisfirePolicy;
  overlap?: OverlapPolicy;
  jitter?: number;
  startsAt?: TypedInstant | "none";
  endsAt?: TypedInstant | "none";
}

/**
 * Adds the options of a schedule to a command. With `defaults`, the help names the value of a field that is left out.
 */
export function addScheduleOptions(command: Command, { defaults }: { defaults: boolean }): Command {
  const orElse = (value: string | number) => (defaults ? ` (default: ${value})` : "");
  addCadenceOptions(command, orElse);
  return addPayloadOptions(
    command
      .option("--type <type>", "the type of its jobs", nameUpTo(100))
      .option("--queue <queue>", `the queue of its jobs${orElse("default")}`, nameUpTo(100))
      .option(
        "--priority <n>",
        `the priority of its jobs: smaller runs first${orElse(0)}`,
        integerBetween(PRIORITY_MIN, PRIORITY_MAX),
      )
      .option(
        "--max-attempts <n>",
        `how many attempts each of its jobs has${orElse(10)}`,
        integerBetween(1, INTEGER_MAX),
      )
      .addOption(
        new Option("--misfire <policy>", `what to do about ticks found late${orElse("latest")}`).choices(
          MISFIRE_POLICIES,
        ),
      )
      .addOption(
        new Option(
          "--overlap <policy>",
          `what to do at a tick while an earlier job of the schedule has not ended${orElse("allow")}`,
        ).choices(OVERLAP_POLICIES),
      )
      .option(
        "--jitter <delay>",
        `each job is due later by a delay of its own, below this one: 30s, 5m${orElse(0)}`,
        parseJitter,
      ),
  );
}

function addCadenceOptions(command: Command, orElse: (value: string) => string): void {
  command
    .optionsGroup("When it runs:")
    .option(
      "--cron <expression>",
      "five fields, six with seconds first, or a name such as @hourly",
      parseCron,
    )
    .addOption(
      new Option("--every <duration>", "an interval in place of an expression: 90s, 5m, 1h")
        .argParser(parseDelay)
        .conflicts("cron"),
    )
    .option("--anchor <instant>", "the instant from which the interval counts, or none", parseBound)
    .option("--timezone <zone>", `an IANA time zone${orElse("UTC")}`, parseTimeZone)
    .option("--starts-at <instant>", "no tick before this instant, or none", parseBound)
    .option("--ends-at <instant>", "no tick at or after this instant, or none", parseBound)
    .option("--max-runs <n>", "the schedule ends after so many jobs, or none", (text: string) =>
      text === "none" ? text : integerBetween(1, INTEGER_MAX)(text),
    )
    .optionsGroup("Options:");
}

/**
 * Reads the schedule's fields from the options: returns a function of the time by the database's clock, because an
 * instant may be relative. Throws `UsageError` for a payload that cannot be used.
 */
export async function readScheduleOptions(
  options: ScheduleOptions,
  stdin: CommandIo["stdin"],
): Promise<(now: Date) => SchedulePatch> {
  const payload = await readPayload(options, stdin);
  const { cron, every, anchor, type, timezone, queue, priority, maxAttempts } = options;
  const { maxRuns, misfire, overlap, jitter, startsAt, endsAt } = options;
  return (now) => ({
    ...(cron === undefined ? {} : { cron }),
    ...(every === undefined ? {} : { everyMs: every }),
    ...(anchor === undefined ? {} : { anchor: boundOf(anchor, now) }),
    ...(type === undefined ? {} : { jobType: type }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(maxRuns === undefined ? {} : { maxRuns: maxRuns === "none" ? null : maxRuns }),
    ...(misfire === undefined ? {} : { misfire }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(startsAt === undefined ? {} : { startsAt: boundOf(startsAt, now) }),
    ...(endsAt === undefined ? {} : { endsAt: boundOf(endsAt, now) }),
    ...(payload === undefined ? {} : { payload }),
  });
}

function boundOf(bound: TypedInstant | "none", now: Date): Date | null {
  return bound === "none" ? null : bound(now);
}
