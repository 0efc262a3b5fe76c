import type { JobSummary } from "@millrace/api/client";
import { useRowKeys } from "../../keyboard/row-keys.ts";
import { href } from "../../route/location.ts";
import { countText } from "../../text/count-text.ts";
import { shortId } from "../../text/short-id.ts";
import { Icon } from "../../ui/icons.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tags } from "../../ui/tags.tsx";
import { Elapsed, Time } from "../../ui/time.tsx";
import type { Selection } from "./use-selection.ts";

/** The jobs of a list, one a row. `selection` null: this session may change no jobs. */
export function JobTable({
  rows,
  gone,
  selection,
}: {
  rows: readonly JobSummary[];
  gone: ReadonlySet<string>;
  selection: Selection | null;
}) {
  useRowKeys();
  return (
    <table class="table cards job-table" data-tagged={rows.some(({ tags }) => tags.length > 0)}>
      <caption class="off-screen">Jobs</caption>
      <thead>
        <tr>
          {selection === null ? null : <SelectPage rows={rows} selection={selection} />}
          <th scope="col" class="col-state">
            State
          </th>
          <th scope="col" class="col-type">
            Type
          </th>
          <th scope="col" class="col-queue">
            Queue
          </th>
          <th scope="col" class="col-id">
            Id
          </th>
          <th scope="col" class="col-when">
            When
          </th>
          <th scope="col" class="col-attempts number">
            Attempts
          </th>
          <th scope="col">Error or payload</th>
          <th scope="col" class="col-tags">
            Tags
          </th>
        </tr>
      </thead>
      <tbody data-rows>
        {rows.map((job) => (
          <JobRow key={job.id} job={job} gone={gone.has(job.id)} selection={selection} />
        ))}
      </tbody>
    </table>
  );
}

function SelectPage({ rows, selection }: { rows: readonly JobSummary[]; selection: Selection }) {
  const selected = rows.filter(({ id }) => selection.ids.has(id)).length;
  const whole = selection.all || (rows.length > 0 && selected === rows.length);
  return (
    <th scope="col" class="col-select">
      <input
        type="checkbox"
        aria-label="Select all rows of this page"
        checked={whole}
        indeterminate={selected > 0 && !whole}
        onChange={selection.togglePage}
      />
    </th>
  );
}

function JobRow({ job, gone, selection }: { job: JobSummary; gone: boolean; selection: Selection | null }) {
  const selected = selection !== null && (selection.all || selection.ids.has(job.id));
  return (
    <tr data-row-of data-gone={gone} data-selected={selected}>
      {selection === null ? null : (
        <td class="col-select">
          <input
            type="checkbox"
            aria-label={`Select job ${shortId(job.id)}`}
            checked={selected}
            onClick={(event) => selection.toggle(job.id, { through: event.shiftKey })}
          />
        </td>
      )}
      <td class="col-state">
        <StateBadge {...badgeOf(job)} />
      </td>
      <th scope="row" class="col-type">
        <a class="row-link" data-row href={href(`/jobs/${job.id}`)} title={job.type}>
          {job.type}
        </a>
        {gone ? <span class="off-screen"> no longer in this list</span> : null}
      </th>
      <td class="col-queue">
        <a href={jobsHref({ queue: job.queue })} title={job.queue}>
          {job.queue}
        </a>
      </td>
      <td class="col-id">
        <span class="id" title={job.id}>
          {shortId(job.id)}
        </span>
      </td>
      <td class="col-when">
        <span>
          <When job={job} />
        </span>
      </td>
      <td class="col-attempts number">
        <span>
          {job.attempts} of {job.maxAttempts}
          <Crashes crashes={job.crashes} />
        </span>
      </td>
      <td class="col-details">
        <Details job={job} />
      </td>
      <td class="col-tags">{job.tags.length === 0 ? null : <Tags tags={job.tags} />}</td>
    </tr>
  );
}

/** A running job that was asked to stop says so. */
const badgeOf = ({ state, cancelRequestedAt }: JobSummary) =>
  state === "running" && cancelRequestedAt !== null ? { state, label: "canceling" } : { state };

function Crashes({ crashes }: { crashes: number }) {
  if (crashes === 0) return null;
  const text = `crashed ${countText(crashes, "time")}`;
  return (
    <span class="crashes" title={text}>
      {" "}
      <Icon name="warning" />
      <span class="off-screen">{text}</span>
    </span>
  );
}

/** When a queued job is due, how long a running one runs, or when one ended. */
function When({ job }: { job: JobSummary }) {
  const { state, runAt, lastRunAt, finishedAt } = job;
  if (state === "queued") {
    if (runAt === null) return <>waits</>;
    return (
      <>
        due <Time at={runAt} />
      </>
    );
  }
  if (state === "running") {
    if (lastRunAt === null) return <>claimed</>;
    return (
      <>
        for <Elapsed since={lastRunAt} />
      </>
    );
  }
  return <Time at={finishedAt} />;
}

function Details({ job: { lastError, payloadPreview, state } }: { job: JobSummary }) {
  const tellsError = lastError !== null && state !== "completed";
  const text = tellsError ? lastError : payloadPreview;
  if (text === null || text === "") return null;
  return (
    <span class={tellsError ? "details error" : "details mono quiet"} title={text}>
      {text}
    </span>
  );
}
