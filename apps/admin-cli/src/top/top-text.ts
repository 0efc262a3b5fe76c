import { type DatabaseLocation, locationText } from "../database-url.ts";
import { durationText } from "../output/duration-text.ts";
import { instantText } from "../output/instant-text.ts";
import { sinceText } from "../output/job-text.ts";
import { shortId } from "../output/short-id.ts";
import { cut, right, table } from "../output/table.ts";
import { paint, type View } from "../output/view.ts";
import { countWorkers, type TopFrame } from "./top-frame.ts";

/** How many queues a frame shows: those with the most jobs. */
const QUEUES_SHOWN = 15;

/** Formats a frame of `top` for people. */
export function topText(view: View, frame: TopFrame, location: DatabaseLocation): string {
  const { awake, asleep, gone } = countWorkers(frame.workers);
  return [
    `${paint(view, "head", locationText(location))}  ${instantText(frame.at)}`,
    `Workers: ${awake} awake, ${asleep} asleep, ${gone} gone`,
    "",
    queuesText(view, frame),
    "",
    runningText(view, frame),
    "",
    failuresText(view, frame),
  ].join("\n");
}

function queuesText(view: View, { queues, rates }: TopFrame): string {
  if (queues.length === 0) return "No queued or running jobs.";
  const most = [...queues].sort((a, b) => b.queued + b.running - a.queued - a.running).slice(0, QUEUES_SHOWN);
  const drawn = table(
    view,
    [
      cut("QUEUE"),
      right("QUEUED"),
      right("RUNNING"),
      right("DUE"),
      right("OLDEST"),
      right("ENDED/S"),
      "PAUSED",
    ],
    most.map(({ queue, pausedAt, queued, running, due, oldestDueMs }) => [
      queue,
      queued,
      running,
      due,
      oldestDueMs === null ? null : durationText(oldestDueMs),
      rateText(rates?.get(queue)),
      pausedAt === null ? "" : { value: pausedAt, paint: "warning" },
    ]),
  );
  const hidden = queues.length - most.length;
  return hidden === 0 ? drawn : `${drawn}\nand ${hidden} more queues`;
}

function runningText(view: View, { running }: TopFrame): string {
  if (running.length === 0) return "No running jobs.";
  return table(
    view,
    ["RUNNING", cut("QUEUE"), cut("TYPE"), cut("WORKER"), view.absolute ? "SINCE" : "FOR"],
    running.map((job) => [
      shortId(job.id),
      job.queue,
      job.type,
      job.workerId,
      sinceText(view, job.lastRunAt),
    ]),
  );
}

function failuresText(view: View, { failures }: TopFrame): string {
  if (failures.length === 0) return "No recent failures.";
  return table(
    view,
    ["FAILED", cut("QUEUE"), cut("TYPE"), "WHEN", cut("ERROR")],
    failures.map((job) => [
      shortId(job.id),
      job.queue,
      job.type,
      job.failedAt,
      { value: job.error, paint: "bad" },
    ]),
  );
}

/** Formats a rate: whole numbers from 10, one digit below. */
function rateText(rate: number | undefined): string | null {
  if (rate === undefined) return null;
  return rate >= 10 ? Math.round(rate).toLocaleString("en-US") : String(Math.round(rate * 10) / 10);
}
