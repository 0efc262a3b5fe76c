import type { FailureReport } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { type BulkCommand, BulkDialog } from "../../bulk/bulk-dialog.tsx";
import { useLoad } from "../../data/use-load.ts";
import { useRowKeys } from "../../keyboard/row-keys.ts";
import { href, navigate, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { databaseNow } from "../../state/clock.ts";
import { may } from "../../state/session.ts";
import { countText, figureText } from "../../text/count-text.ts";
import { parseDuration } from "../../text/duration.ts";
import { Banner } from "../../ui/banner.tsx";
import { Field } from "../../ui/field.tsx";
import { FilterInput } from "../../ui/filter-input.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Time } from "../../ui/time.tsx";
import "./failures.css";
import { commonText } from "./kind-search.ts";

type Group = FailureReport["groups"][number];

/** The filters of the page, as in its address. */
interface Filters {
  queue: string;
  type: string;
  period: string;
}

/** Failed jobs, grouped by what failed: the page to look at when many jobs fail. */
export function FailuresPage() {
  useRowKeys();
  const filters: Filters = {
    queue: query.value.get("queue") ?? "",
    type: query.value.get("type") ?? "",
    period: query.value.get("period") ?? "",
  };
  const loaded = useLoad(() => client.jobs.failures(requestOf(filters)), JSON.stringify(filters), {
    everyMs: 10_000,
  });
  const [command, setCommand] = useState<BulkCommand | null>(null);
  return (
    <>
      <PageHead title="Failures" name="Failures" />
      <FailureFilters filters={filters} />
      <LoadView loaded={loaded}>
        {(report) => (
          <>
            <Looked report={report} />
            {report.groups.length === 0 ? (
              <NoFailures filters={filters} />
            ) : (
              <Groups groups={report.groups} onCommand={setCommand} />
            )}
          </>
        )}
      </LoadView>
      {command === null ? null : <BulkDialog command={command} onClose={() => setCommand(null)} />}
    </>
  );
}

function NoFailures({ filters }: { filters: Filters }) {
  if (Object.values(filters).every((value) => value === "")) return <Empty title="No job has failed." />;
  return (
    <Empty title="No failed job fits these filters.">
      <a href={href("/failures")}>Show all failures</a>
    </Empty>
  );
}

function requestOf({ queue, type, period }: Filters) {
  const length = parseDuration(period);
  return {
    ...(queue === "" ? {} : { queue }),
    ...(type === "" ? {} : { type }),
    ...(length === null ? {} : { finishedAfter: new Date(databaseNow().getTime() - length).toISOString() }),
  };
}

const PERIODS = ["15m", "1h", "6h", "24h", "7d"] as const;
const PERIOD_NAMES = { "15m": "15 min", "1h": "1 h", "6h": "6 h", "24h": "24 h", "7d": "7 d" } as const;

function FailureFilters({ filters }: { filters: Filters }) {
  const change = (part: Partial<Filters>) => {
    const next = Object.entries({ ...filters, ...part }).filter(([, value]) => value !== "");
    const text = new URLSearchParams(next).toString();
    navigate(text === "" ? "/failures" : `/failures?${text}`);
  };
  return (
    <search class="failure-filters">
      {(["type", "queue"] as const).map((name) => (
        <Field key={name} label={name === "type" ? "Type" : "Queue"}>
          {(control) => (
            <FilterInput
              control={control}
              first={name === "type"}
              value={filters[name]}
              onCommit={(value) => change({ [name]: value })}
            />
          )}
        </Field>
      ))}
      <Field label="Failed">
        {(control) => (
          <select
            {...control}
            class="select"
            value={filters.period}
            onChange={(event) => change({ period: event.currentTarget.value })}
          >
            <option value="">At any time</option>
            {PERIODS.map((each) => (
              <option key={each} value={each}>
                In the last {PERIOD_NAMES[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </search>
  );
}

/** How many failed jobs the report is of. */
function Looked({ report: { looked, complete, groups } }: { report: FailureReport }) {
  if (looked === 0) return null;
  const kinds = countText(groups.length, "kind");
  if (complete) {
    return (
      <p class="quiet looked">
        {kinds} among {countText(looked, "failed job")}.
      </p>
    );
  }
  return (
    <Banner>
      {kinds} among the {figureText(looked)} failed jobs that were enqueued last. Older ones were not looked
      at: filter to see them.
    </Banner>
  );
}

function Groups({
  groups,
  onCommand,
}: {
  groups: readonly Group[];
  onCommand: (command: BulkCommand) => void;
}) {
  return (
    <table class="table cards failure-table">
      <caption class="off-screen">Kinds of failures</caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            Jobs
          </th>
          <th scope="col">Error</th>
          <th scope="col">Type and queue</th>
          <th scope="col">First</th>
          <th scope="col">Last</th>
          <th scope="col">
            <span class="off-screen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody data-rows>
        {groups.map((group) => (
          <GroupRow
            key={`${group.type} ${group.queue} ${group.fingerprint}`}
            group={group}
            onCommand={onCommand}
          />
        ))}
      </tbody>
    </table>
  );
}

function GroupRow({ group, onCommand }: { group: Group; onCommand: (command: BulkCommand) => void }) {
  const { type, queue, fingerprint, error, count, firstAt, lastAt, exampleId } = group;
  return (
    <tr data-row-of>
      <td class="number failure-count">
        <a href={kindHref(group)} title="List the jobs of this kind">
          {figureText(count)}
          <span class="failure-unit">{count === 1 ? " job" : " jobs"}</span>
        </a>
      </td>
      <th scope="row" class="failure-error">
        <a class="row-link" data-row href={href(`/jobs/${exampleId}`)} title="Open the job that failed last">
          {error ?? "No error text"}
        </a>
        {fingerprint === error ? null : <span class="quiet fingerprint">{fingerprint}</span>}
      </th>
      <td class="failure-type">
        <span>
          <a href={jobsHref({ state: "failed", type })}>{type}</a>
          <span class="quiet"> in </span>
          <a href={jobsHref({ state: "failed", queue })}>{queue}</a>
        </span>
      </td>
      <td class="nowrap" data-label="First">
        <Time at={firstAt} />
      </td>
      <td class="nowrap" data-label="Last">
        <Time at={lastAt} />
      </td>
      <td class="failure-actions">
        {may("jobs.retry") ? (
          <button
            type="button"
            class="button small"
            onClick={() =>
              onCommand({
                action: "retry",
                which: `all failed jobs of this kind of ${type}`,
                filter: { kind: { type, queue, fingerprint } },
              })
            }
          >
            Retry all
          </button>
        ) : null}
      </td>
    </tr>
  );
}

/** The jobs of a kind, by what their errors have in common. */
function kindHref({ type, queue, fingerprint }: Group): string {
  const error = commonText(fingerprint);
  return jobsHref({ state: "failed", type, queue, ...(error === null ? {} : { error }) });
}
