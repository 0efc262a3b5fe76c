import type { FailureGroup, FailureReport, FailuresFilter } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { parsePast, type TypedInstant } from "../option/parse-instant.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { jobsText } from "../output/count-text.ts";
import { shortId } from "../output/short-id.ts";
import { cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";

interface FailuresOptions {
  queue?: string;
  type?: string;
  finishedAfter?: TypedInstant;
  limit: number;
  jobs?: number;
}

const LIMIT_DEFAULT = 20;

/** Adds `millrace jobs failures`. */
export function addJobFailures(parent: Command, host: CommandHost): void {
  parent
    .command("failures")
    .description("group the failed jobs by type, queue and error, those with the most jobs first")
    .option("--queue <queue>", "only jobs of this queue", nameUpTo(100))
    .option("--type <type>", "only jobs of this type", nameUpTo(100))
    .option(
      "--finished-after <instant>",
      'only jobs that failed at this instant or later: "2h ago"',
      parsePast,
    )
    .option("--limit <n>", "at most this many groups, 1 to 1000", integerBetween(1, 1_000), LIMIT_DEFAULT)
    .option(
      "--jobs <n>",
      "look at this many failed jobs, the newest first (default: 10000)",
      integerBetween(1, 1_000_000),
    )
    .action((options: FailuresOptions) =>
      host.answer(async ({ queue, now }) => {
        const report = await queue.failures(failuresFilter(options, now));
        const { groups, looked, complete } = report;
        return {
          json: { failures: groups.map(groupJson), looked, complete },
          text: (view) => failuresText(view, report),
        };
      }),
    );
}

function failuresFilter(
  { queue, type, finishedAfter, limit, jobs }: FailuresOptions,
  now: Date,
): FailuresFilter {
  return {
    limit,
    ...(queue === undefined ? {} : { queue }),
    ...(type === undefined ? {} : { type }),
    ...(jobs === undefined ? {} : { jobs }),
    ...(finishedAfter === undefined ? {} : { finishedAfter: finishedAfter(now) }),
  };
}

function groupJson(group: FailureGroup) {
  const { type, queue, fingerprint, error, count, firstAt, lastAt, exampleId } = group;
  return { type, queue, fingerprint, error, count, firstAt, lastAt, exampleId };
}

function failuresText(view: View, { groups, looked, complete }: FailureReport): string {
  if (groups.length === 0) return "No failed jobs.";
  const drawn = table(
    view,
    [right("JOBS"), cut("TYPE"), cut("QUEUE"), "LAST", "EXAMPLE", cut("ERROR")],
    groups.map((group) => [
      group.count,
      group.type,
      group.queue,
      group.lastAt,
      shortId(group.exampleId),
      { value: group.error, paint: "bad" },
    ]),
  );
  const limits = complete ? "" : `\nOf the newest ${jobsText(looked, "failed")}; --jobs looks at more.`;
  return `${drawn}${limits}\nTo retry all jobs of a kind: millrace jobs retry --kind-of <example>`;
}
