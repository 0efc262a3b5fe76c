import { type Preview, type PreviewedChange, preview, type Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseCron } from "../option/parse-cron.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { parseTimeZone } from "../option/parse-time-zone.ts";
import { escapeControl } from "../output/escape-control.ts";
import { instantText, table } from "../output/table.ts";
import { wallClockText } from "../output/wall-clock-text.ts";
import { UsageError } from "../usage-error.ts";

interface PreviewOptions {
  cron?: string;
  timezone?: string;
  count: number;
}

/** A cron expression and its time zone, from a schedule or from the command line. */
interface Previewed {
  name: string | null;
  cron: string;
  timezone: string;
  /** Null for an expression of the command line. */
  enabled: boolean | null;
  /** The window of the schedule; null on a side without a bound. */
  startsAt: Date | null;
  endsAt: Date | null;
}

const COUNT_DEFAULT = 5;

/** Adds `millrace schedules preview`. */
export function addPreviewSchedule(parent: Command, host: CommandHost): void {
  parent
    .command("preview")
    .description("show when a schedule or a cron expression runs next")
    .argument("[name]", "the schedule's name or id", nameUpTo(100))
    .option("--cron <expression>", "an expression instead of a schedule; needs no database", parseCron)
    .option("--timezone <zone>", "the expression's IANA time zone (default: UTC)", parseTimeZone)
    .option("-n, --count <n>", "how many runs to show, 1 to 1000", integerBetween(1, 1_000), COUNT_DEFAULT)
    .action(async (name: string | undefined, options: PreviewOptions) => {
      const previewed = previewedExpression(name, options) ?? (await previewedSchedule(name, host));
      const found = preview(previewed, { after: host.io.now(), count: options.count });
      const { words, ticks: runs } = found;
      const json = { ...previewed, words, ticks: runs.map((run) => run.tickAt), runs };
      host.report({ json, text: previewText(previewed, found) });
    });
}

/** Reads the expression of the command line; undefined for a schedule's name. Throws `UsageError` for both or none. */
function previewedExpression(
  name: string | undefined,
  { cron, timezone }: PreviewOptions,
): Previewed | undefined {
  if ((name === undefined) === (cron === undefined)) {
    throw new UsageError("Give either the name of a schedule or --cron with an expression.");
  }
  if (cron !== undefined) {
    return { name: null, cron, timezone: timezone ?? "UTC", enabled: null, startsAt: null, endsAt: null };
  }
  if (timezone === undefined) return undefined;
  throw new UsageError("--timezone goes with --cron; a schedule has a time zone of its own.");
}

async function previewedSchedule(name: string | undefined, host: CommandHost): Promise<Previewed> {
  const find = (schedules: Schedules) => schedules.get(name ?? "");
  const { name: found, cron, timezone, enabled, startsAt, endsAt } = await host.withSchedules(find);
  return { name: found, cron, timezone, enabled, startsAt, endsAt };
}

function previewText(previewed: Previewed, { words, ticks }: Preview): Report["text"] {
  const { name, cron, timezone, enabled } = previewed;
  const what = name === null ? "" : `Schedule ${escapeControl(name)}: `;
  const heading = `${what}${escapeControl(cron)} in ${escapeControl(timezone)}\n${escapeControl(words)}`;
  const warning = enabled === false ? "\nIt is disabled and does not run until it is enabled." : "";
  if (ticks.length === 0) return `${heading}${warning}\nIt never runs${endText(previewed)}.`;
  const rows = ticks.map(({ tickAt, clockChange }) => [
    tickAt,
    wallClockText(tickAt, timezone),
    clockChange === null ? null : changeText(clockChange),
  ]);
  return `${heading}${warning}\n${table(["UTC", "LOCAL", "CLOCK CHANGED BEFORE"], rows)}`;
}

function endText({ endsAt }: Previewed): string {
  return endsAt === null ? "" : ` again: it ends at ${instantText(endsAt)}`;
}

function changeText({ at, offsetBefore, offsetAfter }: PreviewedChange): string {
  return `${offsetBefore} to ${offsetAfter} at ${instantText(at)}`;
}
