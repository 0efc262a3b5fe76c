import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type BulkCommand, BulkDialog } from "../../bulk/bulk-dialog.tsx";
import { useLoad } from "../../data/use-load.ts";
import { href, navigate, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { databaseNow } from "../../state/clock.ts";
import { may } from "../../state/session.ts";
import { cappedCountText, cappedText, countText } from "../../text/count-text.ts";
import { Banner, ProblemBanner } from "../../ui/banner.tsx";
import { Empty, Loading } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { ClockTime } from "../../ui/time.tsx";
import { BulkBar, mayChangeMany } from "./bulk-bar.tsx";
import { FilterBar } from "./filter-bar.tsx";
import {
  filterErrors,
  isWholeId,
  type JobFilters,
  readFilters,
  selectionOf,
  writeFilters,
} from "./job-filters.ts";
import { JobTable } from "./job-table.tsx";
import "./jobs.css";
import { NewJobDialog } from "./new-job-dialog.tsx";
import { type JobListState, useJobList } from "./use-job-list.ts";
import { useSelection } from "./use-selection.ts";

const PAGE_SIZE = 50;

/** The list of jobs: filters in the address, one page at a time, and commands on many jobs. */
export function JobsPage() {
  const filters = readFilters(query.value);
  const queues = useLoad(() => client.queues.list(), "queues");
  const change = (part: Partial<JobFilters>) => {
    const next = { ...filters, ...part };
    if (part.id !== undefined && isWholeId(part.id)) navigate(`/jobs/${part.id.toLowerCase()}`);
    else navigate(`/jobs${queryText(next)}`);
  };
  const [enqueuing, setEnqueuing] = useState(false);
  const errors = filterErrors(filters);
  const names = queues.value?.queues.map(({ queue }) => queue) ?? [];
  return (
    <>
      <PageHead title="Jobs" name="Jobs">
        {may("jobs.enqueue") ? (
          <button type="button" class="button primary" onClick={() => setEnqueuing(true)}>
            New job
          </button>
        ) : null}
      </PageHead>
      <FilterBar filters={filters} errors={errors} queues={names} onChange={change} />
      {Object.keys(errors).length === 0 ? <ScheduleOf filters={filters} /> : null}
      {enqueuing ? <NewJobDialog onClose={() => setEnqueuing(false)} /> : null}
    </>
  );
}

/** The list once the id of the filter's schedule is known: people name schedules, and jobs hold their ids. */
function ScheduleOf({ filters }: { filters: JobFilters }) {
  const { schedule } = filters;
  const named = schedule !== "" && !isWholeId(schedule);
  const found = useLoad(
    async () => (named ? (await client.schedules.get(schedule)).id : schedule === "" ? null : schedule),
    `schedule ${schedule}`,
  );
  if (found.value === undefined) {
    return found.problem === undefined ? <Loading /> : <ProblemBanner problem={found.problem} />;
  }
  return <JobsList filters={filters} scheduleId={found.value} />;
}

function JobsList({ filters, scheduleId }: { filters: JobFilters; scheduleId: string | null }) {
  const cursor = query.value.get("cursor");
  const key = `${writeFilters(filters)} ${cursor ?? ""}`;
  const [command, setCommand] = useState<BulkCommand | null>(null);
  const selectionNow = () => selectionOf(filters, { now: databaseNow(), scheduleId });
  const { order } = filters;
  const state = useJobList(
    (at) =>
      client.jobs.list({
        ...selectionNow(),
        order,
        limit: PAGE_SIZE,
        ...(at === null ? {} : { cursor: at }),
      }),
    key,
    { follow: cursor === null, cursor },
  );
  const counted = useLoad(() => client.jobs.count(selectionNow()), `count ${writeFilters(filters)}`, {
    everyMs: 15_000,
  });
  const rows = state.list?.rows ?? [];
  const selection = useSelection(rows, key);
  const total = counted.value === undefined ? "" : cappedText(counted.value);
  const counting = counted.value === undefined && counted.problem === undefined;
  const selecting = selection.all || selection.ids.size > 0;
  return (
    <>
      {state.problem === undefined ? null : <ProblemBanner problem={state.problem} onRetry={state.refresh} />}
      {selecting ? (
        <BulkBar
          selection={selection}
          filters={filters}
          selectionNow={selectionNow}
          total={total}
          hasOthers={state.list?.next !== null || cursor !== null || selection.ids.size < rows.length}
          onCommand={setCommand}
        />
      ) : (
        <ListStatus
          state={state}
          total={
            counting ? "Counting…" : counted.value === undefined ? "" : cappedCountText(counted.value, "job")
          }
          isFirst={cursor === null}
        />
      )}
      <ListBody state={state} filters={filters}>
        <JobTable
          rows={rows}
          gone={state.list?.gone ?? new Set()}
          selection={mayChangeMany() ? selection : null}
        />
      </ListBody>
      <Pager state={state} filters={filters} isFirst={cursor === null} />
      {command === null ? null : (
        <BulkDialog
          command={command}
          onClose={() => {
            setCommand(null);
            selection.clear();
          }}
        />
      )}
    </>
  );
}

/** How many jobs fit, and how many of them are new and not shown yet. */
function ListStatus({ state, total, isFirst }: { state: JobListState; total: string; isFirst: boolean }) {
  const { list, refresh } = state;
  const added = list?.added ?? 0;
  const gone = list?.gone.size ?? 0;
  return (
    <div class="list-status">
      <span class="quiet">{total}</span>
      {isFirst ? null : <span class="quiet">An older page: it stands still.</span>}
      {added + gone === 0 ? null : (
        <button type="button" class="button small" onClick={refresh}>
          {added === 0
            ? `${countText(gone, "row")} moved on`
            : `${added >= PAGE_SIZE ? `${PAGE_SIZE}+` : added} new`}
          <span class="off-screen">: show the newest rows</span>
        </button>
      )}
    </div>
  );
}

function ListBody({
  state: { list, problem },
  filters,
  children,
}: {
  state: JobListState;
  filters: JobFilters;
  children: ComponentChildren;
}) {
  if (list === undefined) return problem === undefined ? <Loading /> : null;
  if (list.rows.length > 0) return <>{children}</>;
  if (list.next !== null) return null;
  return writeFilters(filters).size === 0 ? (
    <Empty title="There are no jobs yet.">Jobs appear here as soon as your application enqueues them.</Empty>
  ) : (
    <Empty title="No job fits these filters.">
      <a href={href("/jobs")}>Show all jobs</a>
    </Empty>
  );
}

/** The way to older jobs, and how far a search has looked. */
function Pager({
  state: { list, loading, goOn },
  filters,
  isFirst,
}: {
  state: JobListState;
  filters: JobFilters;
  isFirst: boolean;
}) {
  if (list === undefined) return null;
  const searchedTo = list.next !== null && list.rows.length < PAGE_SIZE ? list.lookedBackTo : null;
  return (
    <nav class="pager" aria-label="Pages of jobs">
      {isFirst ? null : (
        <a class="button" href={href(`/jobs${queryText(filters)}`)}>
          First page
        </a>
      )}
      {searchedTo !== null ? (
        <Banner>
          Searched back to <ClockTime at={searchedTo} />
          {list.rows.length === 0 ? ": nothing found so far." : "."}
          <button type="button" class="button small" disabled={loading} onClick={goOn}>
            {loading ? "Searching…" : "Continue"}
          </button>
        </Banner>
      ) : list.next === null ? null : (
        <a class="button" href={href(`/jobs${queryText(filters, list.next)}`)}>
          {filters.order === "newest" ? "Older" : "Next"}
        </a>
      )}
    </nav>
  );
}

function queryText(filters: JobFilters, cursor?: string): string {
  const text = writeFilters(filters);
  if (cursor !== undefined) text.set("cursor", cursor);
  return text.size === 0 ? "" : `?${text}`;
}
