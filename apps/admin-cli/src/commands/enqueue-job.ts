import {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_QUEUE,
  type EnqueueOptions,
  type NewJob,
  type Queue,
} from "@millrace/queue";
import { INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseDelay } from "../option/parse-delay.ts";
import { parseInstant } from "../option/parse-instant.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addPayloadOptions, type PayloadOptions, readPayload } from "../option/read-payload.ts";

type EnqueueJobOptions = PayloadOptions & Omit<EnqueueOptions, "delayMs"> & { delay?: number };

/** Adds `millrace jobs enqueue`. */
export function addEnqueueJob(parent: Command, host: CommandHost): void {
  const command = parent
    .command("enqueue")
    .description("enqueue a job")
    .argument("<type>", "the job's type", nameUpTo(100));
  addPayloadOptions(command)
    .option("--queue <queue>", `the queue to put it in (default: ${DEFAULT_QUEUE})`, nameUpTo(100))
    .option("--priority <n>", "smaller runs first (default: 0)", integerBetween(PRIORITY_MIN, PRIORITY_MAX))
    .option("--run-at <instant>", "not before this instant, ISO 8601 with an offset", parseInstant)
    .addOption(
      new Option("--delay <delay>", "not before this time has passed: 30s, 5m, 2h, 1d, or ms")
        .argParser(parseDelay)
        .conflicts("runAt"),
    )
    .option(
      "--max-attempts <n>",
      `how often it may be attempted (default: ${DEFAULT_MAX_ATTEMPTS})`,
      integerBetween(1, INTEGER_MAX),
    )
    .option("--idempotency-key <key>", "at most one job has this key", nameUpTo(255))
    .action(async (type: string, options: EnqueueJobOptions) => {
      const job = await jobOf(type, options, host);
      host.report(await host.withQueue((queue) => enqueueJob(queue, job)));
    });
}

async function jobOf(type: string, options: EnqueueJobOptions, host: CommandHost): Promise<NewJob> {
  const { payload: _text, payloadFile: _path, delay, ...rest } = options;
  const payload = await readPayload(options, host.io.stdin);
  return {
    type,
    ...rest,
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(payload === undefined ? {} : { payload }),
  };
}

async function enqueueJob(queue: Queue, { type, payload, ...options }: NewJob): Promise<Report> {
  const { id, outcome } = await queue.enqueue(type, payload, options);
  const text =
    outcome === "enqueued"
      ? `Enqueued job ${id}.`
      : `Not enqueued: job ${id} has this idempotency key already. It was left as it is.`;
  return { json: { id, outcome }, text };
}
