import type { ScheduleTick } from "@millrace/api/client";
import type { ComponentChildren } from "preact";
import { href } from "../../route/location.ts";
import { zone } from "../../state/time-zone.ts";
import { instantText } from "../../text/zoned-time.ts";
import { type TickFate, type TickMark, tickMarks, tickSummary } from "./tick-mark.ts";

/**
 * The last ticks of a schedule, the latest at the right, each a link to its job. The Tab key passes over the links: a
 * list has hundreds of them, and the schedule's own page has the ticks as a table.
 */
export function TickStrip({ ticks }: { ticks: readonly ScheduleTick[] }) {
  const marks = tickMarks(ticks);
  if (marks.length === 0) return <span class="none">no ticks yet</span>;
  return (
    <span class="ticks">
      <span class="off-screen">{tickSummary(marks)}</span>
      {marks.map((mark) => (
        <Mark key={mark.tickAt} mark={mark} />
      ))}
    </span>
  );
}

function Mark({ mark: { tickAt, fate, text, jobId } }: { mark: TickMark }) {
  const title = `${instantText(new Date(tickAt), zone.value)}: ${text}`;
  if (jobId === null) {
    return (
      <span class="tick" title={title}>
        <FateShape fate={fate} />
      </span>
    );
  }
  return (
    <a class="tick" href={href(`/jobs/${jobId}`)} title={title} aria-label={title} tabIndex={-1}>
      <FateShape fate={fate} />
    </a>
  );
}

/** What became of a tick, as a shape and a colour. */
export function FateShape({ fate }: { fate: TickFate }) {
  return (
    <svg class="fate" data-fate={fate} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {SHAPES[fate]}
    </svg>
  );
}

const ring = <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.5" />;
const line = (d: string) => (
  <path d={d} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />
);

const SHAPES: Readonly<Record<TickFate, ComponentChildren>> = {
  completed: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  failed: line("M2.5 2.5l7 7M9.5 2.5l-7 7"),
  canceled: (
    <>
      {ring}
      {line("M4 6h4")}
    </>
  ),
  queued: ring,
  running: <path d="M3 1.8v8.4L10.2 6z" fill="currentColor" />,
  skipped: line("M2.5 6h7"),
  duplicate: (
    <>
      {ring}
      <circle cx="6" cy="6" r="1.6" fill="currentColor" />
    </>
  ),
  gone: <circle cx="6" cy="6" r="1.4" fill="currentColor" />,
};

const LEGEND: readonly { fate: TickFate; label: string }[] = [
  { fate: "completed", label: "completed" },
  { fate: "failed", label: "failed" },
  { fate: "queued", label: "queued" },
  { fate: "running", label: "running" },
  { fate: "canceled", label: "canceled" },
  { fate: "skipped", label: "skipped by a policy" },
  { fate: "duplicate", label: "duplicate" },
  { fate: "gone", label: "job deleted" },
];

/** What the shapes mean. */
export function TickLegend() {
  return (
    <ul class="tick-legend" aria-label="What the marks of ticks mean">
      {LEGEND.map(({ fate, label }) => (
        <li key={fate}>
          <FateShape fate={fate} /> {label}
        </li>
      ))}
    </ul>
  );
}
