import { checkFields, fieldNames } from "@millrace/base";
import { InvalidOptionError } from "@millrace/queue";
import type { EnqueuedTick, ScheduleFailure } from "@millrace/scheduler";
import { checkDrainOptions, Drain, type DrainOptions, MAX_RUNS } from "../queue/drain.ts";
import { DrainLimitError } from "../queue/drain-limit-error.ts";
import type { DrainResult } from "../queue/drain-result.ts";
import type { TestQueueParts } from "../queue/test-queue-options.ts";
import { readNextTick } from "./next-tick.sql.ts";
import { declareSchedules, tick } from "./tick.ts";

/** The options of `runUntil` and `runFor`. All are optional. */
export type RunUntilOptions = Omit<DrainOptions, "withScheduled">;

/** What happened in a span of time. */
export interface RunUntilResult extends DrainResult {
  /** The ticks that made a job, in their order. */
  readonly ticks: readonly EnqueuedTick[];
  /** The schedules that could not tick. */
  readonly tickFailures: readonly ScheduleFailure[];
}

const FIELDS = fieldNames<RunUntilOptions>({ queues: true, maxRuns: true });

/**
 * Moves the clock to an instant, and stops on the way at each tick and each due date, where schedules fire and jobs
 * run. `maxRuns` bounds the ticks, too.
 */
export async function runUntil(
  parts: TestQueueParts,
  until: Date,
  options: RunUntilOptions,
): Promise<RunUntilResult> {
  checkFields("options", options, FIELDS);
  checkDrainOptions(options);
  if (!(until instanceof Date) || Number.isNaN(until.getTime())) {
    throw new InvalidOptionError("until", "a valid Date", until);
  }
  const draining = new Drain(parts, options);
  const ticks: EnqueuedTick[] = [];
  const tickFailures = new Map<string, ScheduleFailure>();
  await declareSchedules(parts);
  for (let isOver = false; ; ) {
    const fired = await tick(parts);
    ticks.push(...fired.ticks);
    if (ticks.length > (options.maxRuns ?? MAX_RUNS)) throw limitError(ticks, options);
    for (const failure of fired.failures) tickFailures.set(failure.scheduleId, failure);
    await draining.runDue();
    if (isOver) break;
    const next = earliest([await readNextTick(parts.pool), await draining.nextDueAt()]);
    isOver = next === null || next.at > until;
    await parts.clock.moveTo(next === null || isOver ? until.toISOString() : next.text);
  }
  return { ...(await draining.result()), ticks, tickFailures: [...tickFailures.values()] };
}

/** The earliest of instants that are given as PostgreSQL writes them, to the microsecond. */
function earliest(texts: readonly (string | null)[]): { text: string; at: Date } | null {
  const [first] = texts
    .flatMap((text) => (text === null ? [] : [{ text, at: instantOf(text) }]))
    .sort((one, other) => one.at.getTime() - other.at.getTime());
  return first ?? null;
}

function instantOf(text: string): Date {
  // PostgreSQL shortens a zone to its hours, which Date does not read: 2026-03-29 01:30:00.123456+02.
  return new Date(text.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
}

function limitError(
  ticks: readonly EnqueuedTick[],
  { maxRuns = MAX_RUNS }: RunUntilOptions,
): DrainLimitError {
  const counts = new Map<string, number>();
  for (const { scheduleName } of ticks) counts.set(scheduleName, (counts.get(scheduleName) ?? 0) + 1);
  return new DrainLimitError(maxRuns, counts);
}
