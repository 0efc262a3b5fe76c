import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { lonelyPlaces } from "./chart-data.ts";
import type { ChartContent } from "./chart-lines.ts";

/** A chart that was drawn. */
export interface DrawnChart {
  /** Shows other data in the same lines. */
  setContent(content: ChartContent): void;
  remove(): void;
}

/** Where and how a chart is drawn. */
export interface ChartPlace {
  /** The chart is as wide as this element, and in the colours of this element's styles. */
  element: HTMLElement;
  height: number;
  /** The zone of the instants beside the axis. */
  zone: string;
  /** Charts with the same group show the same instant under the pointer. */
  group: string;
  /** Called with the place of the instant under the pointer, null for none. */
  onPoint: (index: number | null) => void;
}

/** Draws a chart of lines. This module is loaded only where a chart is shown. */
export function drawChart(place: ChartPlace, content: ChartContent): DrawnChart {
  const { element, height } = place;
  const chart = new uPlot(optionsOf(place, content), content.data as uPlot.AlignedData, element);
  const resized = new ResizeObserver(() => {
    if (element.clientWidth !== chart.width) chart.setSize({ width: element.clientWidth, height });
  });
  resized.observe(element);
  return {
    setContent: ({ data }) => chart.setData(data as uPlot.AlignedData),
    remove() {
      resized.disconnect();
      chart.destroy();
    },
  };
}

function optionsOf(
  { element, height, zone, group, onPoint }: ChartPlace,
  content: ChartContent,
): uPlot.Options {
  const color = colorReader(element);
  const axis: uPlot.Axis = {
    stroke: color("--quiet"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    legend: { show: false },
    cursor: { sync: { key: group }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [
      { ...axis, space: 70, size: 38, values: TIME_FORMATS },
      {
        ...axis,
        size: 52,
        values: (_chart, values) => values.map((value) => content.axisText(value)),
        ...(content.axisSteps === undefined ? {} : { incrs: [...content.axisSteps] }),
      },
    ],
    series: [{}, ...content.lines.map((line) => seriesOf(line, color(line.color)))],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function seriesOf({ label, dash }: ChartContent["lines"][number], stroke: string): uPlot.Series {
  return {
    label,
    stroke,
    width: 1.5,
    spanGaps: false,
    points: {
      show: false,
      size: 5,
      fill: stroke,
      filter: (chart, line) => lonelyPlaces(Array.from(chart.data[line] ?? [])),
    },
    ...(dash === undefined ? {} : { dash: [...dash] }),
  };
}

/** Reads the colour of a custom property. A canvas takes no custom property, and no pair of colours for two themes. */
function colorReader(element: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/**
 * How instants are written beside the axis, by their distance in seconds, as uPlot takes them: 24 hours, and the date
 * under the first instant of a day.
 */
const TIME_FORMATS: uPlot.Axis.Values = [
  [86_400, "{MMM} {D}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1],
];
