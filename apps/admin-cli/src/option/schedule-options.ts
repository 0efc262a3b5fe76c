import type { SchedulePatch } from "@millrace/scheduler";
import {
  INTEGER_MAX,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  PRIORITY_MAX,
  PRIORITY_MIN,
} from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandIo } from "../command-io.ts";
import { parseBound } from "./parse-bound.ts";
import { parseCron } from "./parse-cron.ts";
import { integerBetween } from "./parse-integer.ts";
import { parseJitter } from "./parse-jitter.ts";
import { nameUpTo } from "./parse-name.ts";
import { parseTimeZone } from "./parse-time-zone.ts";
import { addPayloadOptions, type PayloadOptions, readPayload } from "./read-payload.ts";

/** The options that `schedules create` and `schedules update` share. */
export type ScheduleOptions = PayloadOptions &
  Omit<SchedulePatch, "jobType" | "payload" | "jitterMs" | "startsAt" | "endsAt"> & {
    type?: string;
    jitter?: number;
    startsAt?: Date | "none";
    endsAt?: Date | "none";
  };

/** Adds the options of a schedule to a command. `--cron` and `--type` are mandatory when the command creates. */
export function addScheduleOptions(command: Command, { creates }: { creates: boolean }): Command {
  return addPayloadOptions(
    command
      .addOption(
        new Option("--cron <expression>", "five fields, six with seconds first, or a name such as @hourly")
          .argParser(parseCron)
          .makeOptionMandatory(creates),
      )
      .addOption(
        new Option("--type <type>", "the type of its jobs")
          .argParser(nameUpTo(100))
          .makeOptionMandatory(creates),
      )
      .option("--timezone <zone>", "an IANA time zone (default: UTC)", parseTimeZone)
      .option("--queue <queue>", "the queue of its jobs (default: default)", nameUpTo(100))
      .option(
        "--priority <n>",
        "of its jobs; smaller runs first (default: 0)",
        integerBetween(PRIORITY_MIN, PRIORITY_MAX),
      )
      .option("--max-attempts <n>", "of its jobs (default: 10)", integerBetween(1, INTEGER_MAX))
      .addOption(
        new Option("--misfire <policy>", "what to do about ticks found late (default: latest)").choices(
          MISFIRE_POLICIES,
        ),
      )
      .addOption(
        new Option(
          "--overlap <policy>",
          "what to do while a job of it is unfinished (default: allow)",
        ).choices(OVERLAP_POLICIES),
      )
      .option(
        "--jitter <delay>",
        "a delay below this for each job, its tick's own: 30s, 5m (default: 0)",
        parseJitter,
      )
      .option(
        "--starts-at <instant>",
        "no tick before this instant, ISO 8601 with an offset, or none",
        parseBound,
      )
      .option("--ends-at <instant>", "no tick at or after this instant, or none", parseBound),
  );
}

/** Reads the schedule's fields from the options. Throws `UsageError` for a payload that cannot be used. */
export async function readScheduleOptions(
  options: ScheduleOptions,
  stdin: CommandIo["stdin"],
): Promise<SchedulePatch> {
  const { payload: _text, payloadFile: _path, type, jitter, startsAt, endsAt, ...rest } = options;
  const payload = await readPayload(options, stdin);
  return {
    ...rest,
    ...(type === undefined ? {} : { jobType: type }),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(startsAt === undefined ? {} : { startsAt: boundOf(startsAt) }),
    ...(endsAt === undefined ? {} : { endsAt: boundOf(endsAt) }),
    ...(payload === undefined ? {} : { payload }),
  };
}

function boundOf(bound: Date | "none"): Date | null {
  return bound === "none" ? null : bound;
}
