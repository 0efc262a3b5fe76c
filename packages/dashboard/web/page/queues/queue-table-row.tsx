import type { QueueRow } from "@millrace/api/client";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { may } from "../../state/session.ts";
import { cappedText, figureText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { Icon } from "../../ui/icons.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { Time } from "../../ui/time.tsx";
import { pauseQueue, resumeQueue } from "./queue-actions.tsx";
import { settingsSummary } from "./settings-form.ts";

/** One queue. Each figure leads to the jobs that it counts. */
export function QueueTableRow({ row, onEdit }: { row: QueueRow; onEdit: () => void }) {
  const { queue, queued, due, running, oldestDueMs, workers } = row;
  const summary = settingsSummary(row.settings);
  return (
    <tr data-row-of>
      <th scope="row" class="queue-name">
        <span>
          <a href={jobsHref({ queue })} data-row>
            {queue}
          </a>
          {row.pausedAt === null ? null : <PausedBadge since={row.pausedAt} />}
        </span>
      </th>
      <Cell label="Queued">
        <Figure count={queued} to={jobsHref({ queue, state: "queued" })} />
      </Cell>
      <Cell label="Due">
        <Figure count={due} to={jobsHref({ queue, state: "queued", order: "oldest-due" })} />
      </Cell>
      <Cell label="Running">
        <Figure count={{ count: running, capped: false }} to={jobsHref({ queue, state: "running" })} />
      </Cell>
      <Cell label="Oldest due">{oldestDueMs === null ? "–" : durationText(oldestDueMs)}</Cell>
      <td data-label="Last hour">
        <LastHour row={row} />
      </td>
      <Cell label="Workers">
        {workers === 0 && queued.count > 0 ? (
          <span class="warning-text" title="No living worker claims from this queue">
            <Icon name="warning" /> none
          </span>
        ) : (
          figureText(workers)
        )}
      </Cell>
      <td data-label="Settings" class="queue-settings">
        {summary === "" ? <span class="none">–</span> : summary}
      </td>
      <td>
        <div class="row-buttons">
          <Actions row={row} onEdit={onEdit} />
        </div>
      </td>
    </tr>
  );
}

function Cell({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <td data-label={label} class="number">
      {children}
    </td>
  );
}

/** A count that leads to its jobs. Of none, there is nothing to see. */
function Figure({ count, to }: { count: QueueRow["queued"]; to: string }) {
  return count.count === 0 ? <span class="none">0</span> : <a href={to}>{cappedText(count)}</a>;
}

function PausedBadge({ since }: { since: string }) {
  return (
    <span class="paused-badge">
      <Icon name="pause" /> paused <Time at={since} />
    </span>
  );
}

/** What became of the queue's runs in the last hour. Zeros are left out but for the completed jobs. */
function LastHour({ row: { queue, lastHour } }: { row: QueueRow }) {
  const counts = [
    { label: "failed", count: lastHour.failed, to: jobsHref({ queue, state: "failed" }) },
    { label: "retried", count: lastHour.retried, to: null },
    { label: "canceled", count: lastHour.canceled, to: jobsHref({ queue, state: "canceled" }) },
    { label: "crashed", count: lastHour.crashed, to: null },
    { label: "refused", count: lastHour.refused, to: null },
  ];
  return (
    <span class="outcomes">
      {lastHour.completed === 0 ? (
        <span class="none">0 completed</span>
      ) : (
        <a href={jobsHref({ queue, state: "completed" })}>{figureText(lastHour.completed)} completed</a>
      )}
      {counts
        .filter(({ count }) => count > 0)
        .map(({ label, count, to }) => (
          <span key={label} data-outcome={label}>
            {to === null ? (
              `${figureText(count)} ${label}`
            ) : (
              <a href={to}>{`${figureText(count)} ${label}`}</a>
            )}
          </span>
        ))}
    </span>
  );
}

function Actions({ row, onEdit }: { row: QueueRow; onEdit: () => void }) {
  const [busy, setBusy] = useState(false);
  const isPaused = row.pausedAt !== null;
  const onToggle = async () => {
    setBusy(true);
    await (isPaused ? resumeQueue(row) : pauseQueue(row));
    setBusy(false);
  };
  return (
    <>
      {may("queues.pause") ? (
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`${isPaused ? "Resume" : "Pause"} ${row.queue}`}
          onClick={onToggle}
        >
          <Icon name={isPaused ? "play" : "pause"} /> {isPaused ? "Resume" : "Pause"}
        </button>
      ) : null}
      {may("queues.change") ? (
        <button type="button" class="button small" aria-label={`Settings of ${row.queue}`} onClick={onEdit}>
          Settings
        </button>
      ) : null}
    </>
  );
}
