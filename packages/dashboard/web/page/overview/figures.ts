import type { Overview } from "@millrace/api/client";
import { cappedText, countText, figureText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";

/** A figure of the overview. */
export interface Figure {
  id: "queued" | "due" | "running" | "oldest" | "workers" | "paused" | "schedules" | "lately";
  label: string;
  value: string;
  /** A second line; null where there is nothing more to say. */
  detail: string | null;
  /** `warning` wants attention; `bad` means that jobs do not run as they should. The detail says why. */
  tone: "plain" | "warning" | "bad";
}

/** A due job that has waited longer than this is late: a worker with a free slot begins a due job within a second. */
const LATE_MS = 60_000;

/** The figures of how everything is now, in the order of the page. */
export function figuresOf(overview: Overview): Figure[] {
  const { queued, due, running } = overview;
  return [
    figure("queued", "Queued", cappedText(queued), { detail: "due and due later" }),
    figure("due", "Due", cappedText(due), { detail: "ready to run" }),
    figure("running", "Running", figureText(running), { detail: slotsText(overview) }),
    oldest(overview),
    workers(overview),
    paused(overview),
    schedules(overview),
    lately(overview),
  ];
}

function figure(id: Figure["id"], label: string, value: string, more: Partial<Figure> = {}): Figure {
  return { id, label, value, detail: null, tone: "plain", ...more };
}

function slotsText({ workers: { running, slots } }: Overview): string {
  return slots === null ? "slots unknown" : `${figureText(running)} of ${countText(slots, "slot")} taken`;
}

function oldest({ oldestDueMs, pausedQueues }: Overview): Figure {
  if (oldestDueMs === null) return figure("oldest", "Oldest due", "–", { detail: "nothing waits" });
  const isLate = oldestDueMs > LATE_MS;
  const wait = isLate ? "waits longer than a minute" : "since it was due";
  const detail = pausedQueues === 0 ? wait : `${wait}, counting paused queues`;
  return figure("oldest", "Oldest due", durationText(oldestDueMs), {
    detail,
    tone: isLate ? "warning" : "plain",
  });
}

function workers({ workers: { alive, slots }, due, queued }: Overview): Figure {
  const value = figureText(alive);
  const detail = slots === null ? "seen in the last 30 s" : `alive, with ${countText(slots, "slot")}`;
  if (alive > 0) return figure("workers", "Workers", value, { detail });
  return due.count > 0
    ? figure("workers", "Workers", value, { detail: "due jobs wait for a worker", tone: "bad" })
    : figure("workers", "Workers", value, {
        detail: "none is alive",
        tone: queued.count > 0 ? "warning" : "plain",
      });
}

function paused({ pausedQueues }: Overview): Figure {
  const value = figureText(pausedQueues);
  return pausedQueues === 0
    ? figure("paused", "Paused queues", value, { detail: "all queues are claimed from" })
    : figure("paused", "Paused queues", value, { detail: "their jobs wait", tone: "warning" });
}

function schedules({ schedules: { enabled, overdue } }: Overview): Figure {
  const value = figureText(enabled);
  return overdue === 0
    ? figure("schedules", "Schedules", value, { detail: "enabled, none overdue" })
    : figure("schedules", "Schedules", value, {
        detail: `${figureText(overdue)} overdue by more than a minute`,
        tone: "bad",
      });
}

function lately({ lastTenMinutes: { completed, failed, retried, crashed } }: Overview): Figure {
  const rest = [`${figureText(completed)} completed`, `${figureText(retried)} retried`];
  if (crashed > 0) rest.push(`${figureText(crashed)} crashed`);
  const tone = crashed > 0 || failed > 0 ? "warning" : "plain";
  return figure("lately", "Failed in 10 min", figureText(failed), { detail: rest.join(", "), tone });
}
