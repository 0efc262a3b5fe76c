import type { Preview } from "@millrace/api/client";

/** A line of a preview: a tick, or a change of the zone's clock between ticks. */
export type PreviewLine = Preview["lines"][number];

/** What limits the ticks of a schedule. Null: no such limit. */
export interface TickLimits {
  /** No tick comes before this instant. */
  startsAt: Date | null;
  /** No tick comes at this instant or later. */
  endsAt: Date | null;
  /** How many jobs the schedule may still make. */
  jobsLeft: number | null;
}

/** The lines of a preview within a schedule's limits. */
export interface LimitedLines {
  lines: PreviewLine[];
  /** A sentence about ticks that the limits leave out, or null. */
  note: string | null;
}

/** How many ticks to ask for, where `count` are shown: limits leave out some, and the API has 50 at most. */
export function askedTicks({ startsAt }: TickLimits, count: number): number {
  return startsAt === null ? count : 50;
}

/**
 * Leaves out the ticks that the limits of a schedule keep from firing, because a preview knows the cadence alone. Shows
 * at most `count` ticks, and the clock changes between them.
 */
export function limitedLines(
  lines: readonly PreviewLine[],
  { startsAt, endsAt, jobsLeft }: TickLimits,
  count: number,
): LimitedLines {
  const begun = lines.findIndex(
    ({ kind, at }) => kind === "tick" && (startsAt === null || Date.parse(at) >= startsAt.getTime()),
  );
  if (begun === -1) return { lines: [], note: lines.length === 0 ? null : LATER };
  const shown: PreviewLine[] = [];
  let ticks = 0;
  for (const line of lines.slice(begun)) {
    if (endsAt !== null && Date.parse(line.at) >= endsAt.getTime()) return ended(shown, ENDS);
    if (line.kind === "tick" && jobsLeft !== null && ticks >= jobsLeft) return ended(shown, USED_UP);
    if (line.kind === "tick" && ticks++ === count) return ended(shown, null);
    shown.push(line);
  }
  return { lines: shown, note: null };
}

const LATER = "The first tick comes so late, because of the schedule's start, that it is not computed here.";
const ENDS = "Then the schedule ends.";
const USED_UP = "Then the schedule has made all the jobs that it may make.";

/** A change of the clock after the last tick is of no use. */
function ended(shown: PreviewLine[], note: string | null): LimitedLines {
  const lastTick = shown.findLastIndex(({ kind }) => kind === "tick");
  if (lastTick === -1) return { lines: [], note: note === null ? null : "No tick lies within the limits." };
  return { lines: shown.slice(0, lastTick + 1), note };
}
