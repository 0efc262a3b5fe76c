import type { History } from "@millrace/api/client";
import { useMemo } from "preact/hooks";
import { useKept } from "../../data/use-kept.ts";
import { useLoad } from "../../data/use-load.ts";
import { navigate, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { durationText } from "../../text/duration.ts";
import { LoadView } from "../../ui/load-view.tsx";
import { Panel } from "../../ui/panel.tsx";
import { axisFigure, axisSeconds, SECONDS_STEPS } from "./axis-text.ts";
import { depthData, endedSteps, throughputData } from "./chart-data.ts";
import type { ChartContent, ChartLine } from "./chart-lines.ts";
import { HistoryTable } from "./history-table.tsx";
import { LineChart } from "./line-chart.tsx";
import { overviewPath, PERIODS, periodOf } from "./periods.ts";

/** What happened lately, of all queues or of one: charts, and the same as a table. `now` is the database's. */
export function Charts({ now }: { now: string }) {
  const { hours } = periodOf(query.value.get("hours"));
  const queue = query.value.get("queue") ?? "";
  const loaded = useLoad(
    () => client.stats.history({ hours, ...(queue === "" ? {} : { queue }) }),
    `history ${hours} ${queue}`,
    { everyMs: hours <= 6 ? 15_000 : 60_000 },
  );
  const history = useKept(loaded);
  return (
    <Panel
      title={queue === "" ? "What happened in all queues" : `What happened in ${queue}`}
      tools={
        <div class="chart-tools">
          <QueueChoice queue={queue} hours={hours} />
          <PeriodChoice queue={queue} hours={hours} />
        </div>
      }
    >
      <div class="panel-body charts" aria-busy={history.isOld}>
        <LoadView loaded={history}>{(value) => <Drawn history={value} now={now} />}</LoadView>
      </div>
    </Panel>
  );
}

function Drawn({ history, now }: { history: History; now: string }) {
  // The steps that ended by now change with the history alone: a chart need not be drawn anew each second.
  const ended = useMemo(() => endedSteps(history, now), [history]);
  const [throughput, depth, oldest] = useMemo(() => contents(ended), [ended]);
  return (
    <>
      <LineChart title="Jobs a minute" height={190} content={throughput} />
      <div class="chart-pair">
        <LineChart title="Due and running" height={150} content={depth} />
        <LineChart title="Oldest due job had waited" height={150} content={oldest} />
      </div>
      <HistoryTable history={history} />
    </>
  );
}

const COMPLETED: ChartLine = { label: "completed", color: "--completed", text: axisFigure };
const FAILED: ChartLine = { label: "failed", color: "--failed", dash: [6, 3], text: axisFigure };
const RETRIED: ChartLine = { label: "retried", color: "--canceled", dash: [2, 3], text: axisFigure };
const DUE: ChartLine = { label: "due", color: "--accent", text: axisFigure };
const RUNNING: ChartLine = { label: "running", color: "--completed", dash: [6, 3], text: axisFigure };
const OLDEST: ChartLine = {
  label: "oldest due",
  color: "--warning",
  text: (s) => (s === 0 ? "none" : durationText(s * 1_000)),
};

function contents(history: History): [ChartContent, ChartContent, ChartContent] {
  const [instants, due = [], running = [], oldest = []] = depthData(history);
  return [
    { lines: [COMPLETED, FAILED, RETRIED], data: throughputData(history), axisText: axisFigure },
    { lines: [DUE, RUNNING], data: [instants, due, running], axisText: axisFigure },
    { lines: [OLDEST], data: [instants, oldest], axisText: axisSeconds, axisSteps: SECONDS_STEPS },
  ];
}

function PeriodChoice({ queue, hours }: { queue: string; hours: number }) {
  return (
    <fieldset class="segments">
      <legend class="off-screen">Period</legend>
      {PERIODS.map((period) => (
        <label key={period.hours} class="segment">
          <input
            type="radio"
            name="period"
            checked={period.hours === hours}
            onChange={() => navigate(overviewPath(period.hours, queue), { replace: true })}
          />
          {period.label}
        </label>
      ))}
    </fieldset>
  );
}

function QueueChoice({ queue, hours }: { queue: string; hours: number }) {
  const queues = useLoad(() => client.queues.list(), "queues of the overview");
  const names = new Set(queues.value?.queues.map((each) => each.queue));
  // The address may name a queue that has no jobs now: the list still has this queue, as the chosen one.
  if (queue !== "") names.add(queue);
  return (
    <select
      class="select"
      aria-label="Queue"
      data-filter
      value={queue}
      onChange={({ currentTarget }) => navigate(overviewPath(hours, currentTarget.value), { replace: true })}
    >
      <option value="">All queues</option>
      {[...names].toSorted().map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
