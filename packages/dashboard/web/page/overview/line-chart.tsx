import { useEffect, useRef, useState } from "preact/hooks";
import { zone } from "../../state/time-zone.ts";
import { ClockTime } from "../../ui/time.tsx";
import { type ChartContent, type ChartLine, valuesAt } from "./chart-lines.ts";
import type { DrawnChart } from "./draw-chart.ts";
import { isDark } from "./is-dark.ts";

/** All charts of the page show the same instant under the pointer. */
const GROUP = "overview";

/**
 * A chart of lines over time, with what each line is and what each was at the instant under the pointer. The lines are
 * for the eye: the page has the same figures as a table.
 */
export function LineChart({
  title,
  height,
  content,
}: {
  title: string;
  height: number;
  content: ChartContent;
}) {
  const [index, setIndex] = useState<number | null>(null);
  const { place, failed } = useDrawnChart(content, { height, onPoint: setIndex });
  const [instants] = content.data;
  const at = index === null ? undefined : instants[index];
  return (
    <figure class="chart">
      <figcaption class="chart-head">
        <h3>{title}</h3>
        <Legend content={content} index={at === undefined ? null : index} />
        <span class="chart-at quiet">
          {at === undefined ? null : <ClockTime at={new Date(at * 1_000).toISOString()} />}
        </span>
      </figcaption>
      <div class="chart-place" ref={place} data-height={height} aria-hidden="true" />
      {failed ? <p class="quiet">The chart could not be drawn: see the figures as a table.</p> : null}
    </figure>
  );
}

function Legend({ content, index }: { content: ChartContent; index: number | null }) {
  const values = index === null ? [] : valuesAt(content, index);
  return (
    <ul class="legend">
      {content.lines.map((line) => (
        <li key={line.label}>
          <Swatch line={line} />
          {line.label}{" "}
          <span class="figure legend-value">{values.find((value) => value.line === line)?.text ?? ""}</span>
        </li>
      ))}
    </ul>
  );
}

function Swatch({ line: { color, dash } }: { line: ChartLine }) {
  return (
    <svg
      class="swatch"
      viewBox="0 0 18 6"
      width="18"
      height="6"
      aria-hidden="true"
      data-color={color.slice(2)}
    >
      <path d="M0 3h18" stroke="currentColor" stroke-width="2" stroke-dasharray={dash?.join(" ")} />
    </svg>
  );
}

/** Draws a chart into an element, and again when the colours or the zone change. Loads the drawing on first use. */
function useDrawnChart(
  content: ChartContent,
  { height, onPoint }: { height: number; onPoint: (index: number | null) => void },
) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<DrawnChart | null>(null);
  const latest = useRef(content);
  latest.current = content;
  const [failed, setFailed] = useState(false);
  const [shownZone, dark] = [zone.value, isDark.value];

  useEffect(() => {
    let over = false;
    import("./draw-chart.ts").then(
      ({ drawChart }) => {
        const element = place.current;
        if (over || element === null) return;
        drawn.current = drawChart(
          { element, height, zone: shownZone, group: GROUP, onPoint },
          latest.current,
        );
      },
      () => setFailed(true),
    );
    return () => {
      over = true;
      drawn.current?.remove();
      drawn.current = null;
    };
    // The colours are read when the chart is drawn, so another theme draws the chart anew.
  }, [shownZone, dark, height]);

  useEffect(() => {
    drawn.current?.setContent(content);
  }, [content]);

  return { place, failed };
}
