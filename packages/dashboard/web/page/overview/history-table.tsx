import type { History } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { figureText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { ClockTime } from "../../ui/time.tsx";
import { type HistoryRow, historyRows, historyTotals } from "./history-rows.ts";

/** More rows are hard to read: steps are joined instead. */
const ROWS_MAX = 30;

/** The figures of the charts as a table, the latest first, with their totals. */
export function HistoryTable({ history }: { history: History }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {open ? <Table history={history} /> : null}
    </details>
  );
}

function Table({ history }: { history: History }) {
  const totals = historyTotals(history);
  if (totals === null) return <p class="quiet">Nothing has been counted yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-scroll" aria-label="What happened, as a table" tabIndex={0}>
      <table class="table">
        <caption class="off-screen">What happened, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {COLUMNS.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="totals">
            <th scope="row">All</th>
            <Figures row={totals} />
          </tr>
          {historyRows(history, ROWS_MAX)
            .toReversed()
            .map((row) => (
              <tr key={row.at}>
                <th scope="row">
                  <ClockTime at={row.at} />
                </th>
                <Figures row={row} />
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

function Figures({ row }: { row: HistoryRow }) {
  return (
    <>
      {COLUMNS.map(({ label, text }) => (
        <td key={label} class="number">
          {text(row)}
        </td>
      ))}
    </>
  );
}

const known = (value: number | null, text: (value: number) => string) => (value === null ? "–" : text(value));

const COLUMNS: readonly { label: string; text: (row: HistoryRow) => string }[] = [
  { label: "Completed", text: ({ completed }) => figureText(completed) },
  { label: "Failed", text: ({ failed }) => figureText(failed) },
  { label: "Retried", text: ({ retried }) => figureText(retried) },
  { label: "Canceled", text: ({ canceled }) => figureText(canceled) },
  { label: "Crashed", text: ({ crashed }) => figureText(crashed) },
  { label: "Refused", text: ({ refused }) => figureText(refused) },
  { label: "Most due", text: ({ due }) => known(due, figureText) },
  { label: "Most running", text: ({ running }) => known(running, figureText) },
  { label: "Oldest due", text: ({ oldestDueMs }) => known(oldestDueMs, durationText) },
];
