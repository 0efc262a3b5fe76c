import type { ScheduleTick } from "@millrace/api/client";

/** What became of a tick, in one word. Each word has a shape and a colour. */
export type TickFate =
  | "completed"
  | "failed"
  | "canceled"
  | "queued"
  | "running"
  | "skipped"
  | "duplicate"
  | "gone";

/** A tick as the strip of ticks shows it. */
export interface TickMark {
  tickAt: string;
  fate: TickFate;
  /** What became of the tick, as a sentence without the instant. */
  text: string;
  /** The tick's job, if there is one to open. */
  jobId: string | null;
}

const SKIPS: Readonly<Record<string, string>> = {
  "misfire-skipped": "skipped: the tick was found late",
  "overlap-skipped": "skipped: an earlier job had not ended",
};

const JOB_TEXTS: Readonly<Record<NonNullable<ScheduleTick["jobState"]>, string>> = {
  queued: "its job is queued",
  running: "its job runs",
  completed: "its job completed",
  failed: "its job failed",
  canceled: "its job was canceled",
};

/** Says what became of a tick. */
export function tickMark({ tickAt, outcome, jobId, jobState }: ScheduleTick): TickMark {
  const skip = SKIPS[outcome];
  if (skip !== undefined) return { tickAt, fate: "skipped", text: skip, jobId: null };
  // The id of a job that was deleted leads nowhere.
  const open = jobState === null ? null : jobId;
  if (outcome === "duplicate") {
    return {
      tickAt,
      fate: "duplicate",
      text: `duplicate: the tick's job existed already${now(jobState)}`,
      jobId: open,
    };
  }
  if (jobState === null) return { tickAt, fate: "gone", text: "its job has been deleted", jobId: null };
  return { tickAt, fate: jobState, text: JOB_TEXTS[jobState], jobId: open };
}

const now = (jobState: string | null) =>
  jobState === null ? ", and has been deleted" : `, and is ${jobState}`;

/** A strip's marks, the oldest first, so that time goes from left to right. The API lists the latest first. */
export function tickMarks(ticks: readonly ScheduleTick[]): TickMark[] {
  return ticks.map(tickMark).reverse();
}

/** How many ticks had which fate, as text for those who do not see the strip: `18 completed, 2 failed`. */
export function tickSummary(marks: readonly TickMark[]): string {
  if (marks.length === 0) return "No ticks yet";
  const counts = new Map<TickFate, number>();
  for (const { fate } of marks) counts.set(fate, (counts.get(fate) ?? 0) + 1);
  return [...counts].map(([fate, count]) => `${count} ${fate === "gone" ? "deleted" : fate}`).join(", ");
}
