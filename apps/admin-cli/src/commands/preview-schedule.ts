import { type Preview, type PreviewedChange, preview, type Schedule } from "@millrace/scheduler";
import { type Command, Option } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseBound } from "../option/parse-bound.ts";
import { parseCron } from "../option/parse-cron.ts";
import { parseDelay } from "../option/parse-delay.ts";
import type { TypedInstant } from "../option/parse-instant.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { parseTimeZone } from "../option/parse-time-zone.ts";
import { escapeControl } from "../output/escape-control.ts";
import { instantText } from "../output/instant-text.ts";
import { cadenceText, warningLines } from "../output/schedule-text.ts";
import { cut, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { wallClockText } from "../output/wall-clock-text.ts";
import { UsageError } from "../usage-error.ts";

interface PreviewOptions {
  cron?: string;
  every?: number;
  anchor?: TypedInstant | "none";
  timezone?: string;
  count: number;
}

/** What is previewed: the fields of a schedule, or of the command line. */
type Previewed = Pick<
  Schedule,
  "cron" | "everyMs" | "anchor" | "timezone" | "startsAt" | "endsAt" | "maxRuns" | "runs"
> & {
  name: string | null;
  /** Null for an expression or interval of the command line. */
  enabled: boolean | null;
  createdAt?: Date;
};

const COUNT_DEFAULT = 5;

/** Adds `millrace schedules preview`. */
export function addPreviewSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("preview")
    .description("show when a schedule, a cron expression or an interval runs next")
    .argument("[name]", "the schedule's name or id", nameUpTo(100))
    .option("--cron <expression>", "an expression instead of a schedule; needs no database", parseCron)
    .addOption(
      new Option("--every <duration>", "an interval instead of a schedule; needs no database")
        .argParser(parseDelay)
        .conflicts("cron"),
    )
    .option("--anchor <instant>", "the instant from which the interval counts (default: now)", parseBound)
    .option("--timezone <zone>", "the IANA time zone (default: UTC)", parseTimeZone)
    .option("-n, --count <n>", "how many runs to show, 1 to 1000", integerBetween(1, 1_000), COUNT_DEFAULT)
    .action(async (name: string | undefined, options: PreviewOptions) => {
      const after = host.io.now();
      const given = previewedOptions(name, options, after);
      if (given !== null) return host.report(previewReport(given, options.count, after), after);
      await host.answer(async ({ schedules }) =>
        previewReport(previewedSchedule(await schedules.get(name ?? "")), options.count, after),
      );
    });
}

/** Reads what the command line previews; null for a schedule's name. Throws `UsageError` for both or none. */
function previewedOptions(
  name: string | undefined,
  { cron, every, anchor, timezone }: PreviewOptions,
  now: Date,
): Previewed | null {
  if ((name === undefined) === (cron === undefined && every === undefined)) {
    throw new UsageError("Give either the name of a schedule or --cron with an expression, or --every.");
  }
  if (anchor !== undefined && every === undefined) throw new UsageError("--anchor goes with --every.");
  if (name === undefined) {
    const window = { startsAt: null, endsAt: null, maxRuns: null, runs: 0 };
    const from = anchor === undefined || anchor === "none" ? null : anchor(now);
    return {
      ...{ name: null, cron: cron ?? null, timezone: timezone ?? "UTC", enabled: null },
      ...{ everyMs: every ?? null, anchor: from, ...window },
    };
  }
  if (timezone === undefined) return null;
  throw new UsageError("--timezone goes with --cron; a schedule has a time zone of its own.");
}

function previewedSchedule(schedule: Schedule): Previewed {
  const { name, cron, everyMs, anchor, timezone, enabled, startsAt, endsAt, maxRuns, runs, createdAt } =
    schedule;
  return { name, cron, everyMs, anchor, timezone, enabled, startsAt, endsAt, maxRuns, runs, createdAt };
}

function previewReport(previewed: Previewed, count: number, after: Date): Report {
  const { name, enabled, createdAt, ...timing } = previewed;
  const found = preview({ ...timing, ...(createdAt === undefined ? {} : { createdAt }) }, { after, count });
  const { words, warnings, ticks: runs } = found;
  return {
    json: { name, enabled, ...timing, words, warnings, ticks: runs.map((run) => run.tickAt), runs },
    text: (view) => previewText(view, previewed, found),
  };
}

function previewText(view: View, previewed: Previewed, { words, warnings, ticks }: Preview): string {
  const { name, timezone, enabled, everyMs } = previewed;
  const what = name === null ? "" : `Schedule ${escapeControl(name)}: `;
  const zone = everyMs === null ? ` in ${escapeControl(timezone)}` : "";
  const lines = [
    `${what}${escapeControl(cadenceText(previewed))}${zone}`,
    escapeControl(words),
    ...warningLines(view, warnings),
    ...(enabled === false ? ["It is disabled and does not run until it is enabled."] : []),
  ];
  if (ticks.length === 0) return [...lines, `It never runs${endText(previewed)}.`].join("\n");
  const rows = ticks.map(({ tickAt, clockChange }) => [
    instantText(tickAt),
    wallClockText(tickAt, timezone),
    clockChange === null ? null : changeText(clockChange),
  ]);
  return [...lines, table(view, ["UTC", "LOCAL", cut("CLOCK CHANGED BEFORE")], rows)].join("\n");
}

function endText({ endsAt, maxRuns, runs }: Previewed): string {
  if (maxRuns !== null && runs >= maxRuns) return ` again: it has made its ${maxRuns} jobs`;
  return endsAt === null ? "" : ` again: it ends at ${instantText(endsAt)}`;
}

/** The change's instant comes last, because a narrow terminal cuts the end. */
function changeText({ at, offsetBefore, offsetAfter }: PreviewedChange): string {
  return `${offsetBefore} to ${offsetAfter} at ${instantText(at)}`;
}
