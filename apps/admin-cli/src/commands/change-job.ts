import type { JobChange, JsonValue } from "@millrace/queue";
import { INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { collect } from "../option/collect.ts";
import { parseDelay } from "../option/parse-delay.ts";
import { parseFuture, type TypedInstant } from "../option/parse-instant.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { jsonObjectOption } from "../option/parse-json-option.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addPayloadOptions, type PayloadOptions, readPayload } from "../option/read-payload.ts";
import { jobJson } from "../output/job-json.ts";
import { resolveJob } from "../resolve-job.ts";
import { UsageError } from "../usage-error.ts";

interface ChangeJobOptions extends PayloadOptions {
  queue?: string;
  priority?: number;
  runAt?: TypedInstant;
  delay?: number;
  maxAttempts?: number;
  /** False: take the key away. */
  key?: string | false;
  /** False: take all tags away. */
  tag?: string[] | false;
  metadata?: Readonly<Record<string, JsonValue>>;
}

/** Adds `millrace jobs change`. */
export function addChangeJob(parent: Command, host: CommandHost): void {
  const command = parent
    .command("change")
    .description("change the given fields of a queued job; all other fields stay")
    .argument("<id>", "the job's id, or a part of it", parseJobRef);
  addPayloadOptions(command)
    .option(
      "--run-at <instant>",
      'not before this instant: 2030-01-31T09:00:00Z, 02:00, "in 2h"',
      parseFuture,
    )
    .addOption(
      new Option("--delay <delay>", "not before this time has passed: 30s, 5m, 2h, 1d, or ms")
        .argParser(parseDelay)
        .conflicts("runAt"),
    )
    .option("--priority <n>", "the priority: smaller runs first", integerBetween(PRIORITY_MIN, PRIORITY_MAX))
    .option("--queue <queue>", "the queue to move the job to", nameUpTo(100))
    .option("--max-attempts <n>", "how many attempts the job has", integerBetween(1, INTEGER_MAX))
    .option("--key <key>", "the job's new idempotency key", nameUpTo(255))
    .option("--no-key", "take the job's idempotency key away")
    .option("--tag <tag>", "a tag, in place of all tags of the job; may be repeated", collect(nameUpTo(100)))
    .option("--no-tag", "take all tags of the job away")
    .option(
      "--metadata <json>",
      "a JSON object, in place of the job's metadata",
      jsonObjectOption("--metadata"),
    )
    .action(async (ref: JobRef, options: ChangeJobOptions) => {
      const payload = await readPayload(options, host.io.stdin);
      if (payload === undefined && Object.keys(options).length === 0) {
        throw new UsageError("Nothing to change; give at least one option, such as --priority or --payload.");
      }
      await host.answer((database) => changeJob(database, ref, jobChange(options, payload, database.now)));
    });
}

function jobChange(
  { queue, priority, runAt, delay, maxAttempts, key, tag, metadata }: ChangeJobOptions,
  payload: JsonValue | undefined,
  now: Date,
): JobChange {
  return {
    ...(payload === undefined ? {} : { payload }),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(runAt === undefined ? {} : { runAt: runAt(now) }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(key === undefined ? {} : { idempotencyKey: key === false ? null : key }),
    ...(tag === undefined ? {} : { tags: tag === false ? [] : tag }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function changeJob(database: CommandDatabase, ref: JobRef, change: JobChange): Promise<Report> {
  const id = await resolveJob(database, ref);
  const job = await database.queue.change(id, change);
  return { json: { job: jobJson(job) }, text: `Changed job ${id}.` };
}
