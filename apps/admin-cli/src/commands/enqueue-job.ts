import {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_QUEUE,
  type EnqueueOptions,
  type JsonValue,
  type UniqueScope,
} from "@millrace/queue";
import { INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandHost } from "../command-host.ts";
import { collect } from "../option/collect.ts";
import { durationMs, parseDelay } from "../option/parse-delay.ts";
import { parseFuture, type TypedInstant } from "../option/parse-instant.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { jsonObjectOption } from "../option/parse-json-option.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { addPayloadOptions, type PayloadOptions, readPayload } from "../option/read-payload.ts";
import {
  addRunSettings,
  backoffOf,
  deadLetterOf,
  type RunSettingsOptions,
} from "../option/run-settings-options.ts";

interface EnqueueJobOptions extends PayloadOptions, RunSettingsOptions {
  queue?: string;
  priority?: number;
  runAt?: TypedInstant;
  delay?: number;
  maxAttempts?: number;
  key?: string;
  keyScope?: UniqueScope;
  onDuplicate?: "existing" | "error" | "replace";
  tag?: string[];
  metadata?: Readonly<Record<string, JsonValue>>;
  startBy?: TypedInstant;
  startWithin?: number;
}

/** Adds `millrace jobs enqueue`. */
export function addEnqueueJob(parent: Command, host: CommandHost): void {
  const command = parent
    .command("enqueue")
    .description("enqueue a job")
    .argument("<type>", "the job's type", nameUpTo(100));
  addPayloadOptions(command)
    .option("--queue <queue>", `the queue of the job (default: ${DEFAULT_QUEUE})`, nameUpTo(100))
    .option(
      "--priority <n>",
      "the priority: smaller runs first (default: 0)",
      integerBetween(PRIORITY_MIN, PRIORITY_MAX),
    )
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
    .option("--start-by <instant>", "cancel the job if it has not started by this instant", parseFuture)
    .addOption(
      new Option("--start-within <delay>", "cancel the job if it has not started so long after it is due")
        .argParser(parseDelay)
        .conflicts("startBy"),
    )
    .option(
      "--max-attempts <n>",
      `how many attempts the job has (default: ${DEFAULT_MAX_ATTEMPTS})`,
      integerBetween(1, INTEGER_MAX),
    )
    .option("--tag <tag>", "a label to find the job by; may be repeated", collect(nameUpTo(100)))
    .option(
      "--metadata <json>",
      "a JSON object for people and handlers to read",
      jsonObjectOption("--metadata"),
    )
    .optionsGroup("One job for a key:")
    .option("--idempotency-key, --key <key>", "at most one job has this key", nameUpTo(255))
    .option(
      "--key-scope <scope>",
      "how long the key stays taken: queued, active, or a time such as 1h",
      parseKeyScope,
    )
    .addOption(
      new Option("--on-duplicate <what>", "what to do when the key is taken (default: existing)").choices([
        "existing",
        "error",
        "replace",
      ]),
    );
  addRunSettings(command, { clears: false }).action(async (type: string, options: EnqueueJobOptions) => {
    const payload = await readPayload(options, host.io.stdin);
    const deadLetter = deadLetterOf(options);
    await host.answer(async ({ queue, now }) => {
      const enqueued = { ...enqueueOptions(options, now), ...(deadLetter === null ? {} : { deadLetter }) };
      const { id, outcome } = await queue.enqueue(type, payload, enqueued);
      return { json: { id, outcome }, text: outcomeText(id, outcome) };
    });
  });
}

function parseKeyScope(text: string): UniqueScope {
  if (text === "queued" || text === "active") return text;
  const periodMs = durationMs(text);
  if (periodMs !== null && periodMs > 0) return { periodMs };
  throw new InvalidArgumentError("Expected queued, active, or a time such as 1h.");
}

function enqueueOptions(options: EnqueueJobOptions, now: Date): EnqueueOptions {
  const { queue, priority, runAt, delay, maxAttempts, key, keyScope, onDuplicate } = options;
  const { tag, metadata, startBy, startWithin, timeout, retention } = options;
  const backoff = backoffOf(options);
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(runAt === undefined ? {} : { runAt: runAt(now) }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(keyScope === undefined ? {} : { keyScope }),
    ...(onDuplicate === undefined ? {} : { onDuplicate }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(startBy === undefined ? {} : { startBy: startBy(now) }),
    ...(startWithin === undefined ? {} : { startWithinMs: startWithin }),
    ...(typeof timeout === "number" ? { timeoutMs: timeout } : {}),
    ...(typeof retention === "number" ? { retentionMs: retention } : {}),
    ...(backoff === null ? {} : { backoff }),
  };
}

function outcomeText(id: string, outcome: string): string {
  switch (outcome) {
    case "enqueued":
      return `Enqueued job ${id}.`;
    case "replaced":
      return `Replaced job ${id}, which had this idempotency key and was still queued.`;
    default:
      return `Not enqueued: job ${id} has this idempotency key already. It was left as it is.`;
  }
}
