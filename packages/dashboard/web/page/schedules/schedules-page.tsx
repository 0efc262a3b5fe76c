import type { SchedulePage } from "@millrace/api/client";
import "./schedules.css";
import { useState } from "preact/hooks";
import { useRowKeys } from "../../keyboard/row-keys.ts";
import { href, navigate, query } from "../../route/location.ts";
import { may } from "../../state/session.ts";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import { ScheduleRow } from "./schedule-row.tsx";
import { TickLegend } from "./tick-strip.tsx";
import { type ListedSchedule, useSchedules } from "./use-schedules.ts";

/** The schedule in the dialog: a new one, or one that is changed. */
type Edited = { kind: "new" } | { kind: "change"; schedule: ListedSchedule };

/** The schedules: when they tick, what became of their last ticks, and what is wrong with them. */
export function SchedulesPage() {
  const which = standingOf(query.value.get("enabled"));
  const list = useSchedules(which);
  const [edited, setEdited] = useState<Edited | null>(null);
  return (
    <>
      <PageHead title="Schedules" name="Schedules">
        <EnabledChoice chosen={query.value.get("enabled") ?? ""} />
        {may("schedules.create") ? (
          <button type="button" class="button primary" onClick={() => setEdited({ kind: "new" })}>
            New schedule
          </button>
        ) : null}
      </PageHead>
      <LoadView loaded={list.loaded}>
        {(page) => (
          <Rows
            page={page}
            which={which}
            onMore={list.showMore}
            onEdit={(schedule) => setEdited({ kind: "change", schedule })}
          />
        )}
      </LoadView>
      {edited === null ? null : (
        <ScheduleDialog
          schedule={edited.kind === "new" ? null : edited.schedule}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  );
}

const standingOf = (text: string | null) => (text === "true" || text === "false" ? text === "true" : null);

function EnabledChoice({ chosen }: { chosen: string }) {
  const choose = (value: string) =>
    navigate(value === "" ? "/schedules" : `/schedules?enabled=${value}`, { replace: true });
  return (
    <select
      class="select enabled-choice"
      aria-label="Which schedules"
      data-filter
      value={chosen}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="">All schedules</option>
      <option value="true">Enabled</option>
      <option value="false">Disabled</option>
    </select>
  );
}

function Rows({
  page: { schedules, next },
  which,
  onMore,
  onEdit,
}: {
  page: SchedulePage;
  /** Whether only enabled or only disabled schedules are listed; null: all are. */
  which: boolean | null;
  onMore: () => void;
  onEdit: (schedule: ListedSchedule) => void;
}) {
  useRowKeys();
  if (schedules.length === 0 && which !== null) {
    return (
      <Empty title={which ? "No schedule is enabled" : "No schedule is disabled"}>
        <a href={href("/schedules")}>Show all schedules</a>
      </Empty>
    );
  }
  if (schedules.length === 0) {
    return <Empty title="No schedules">A schedule enqueues a job at each of its ticks.</Empty>;
  }
  return (
    <>
      <div class="table-scroll">
        <table class="table cards schedule-table">
          <thead>
            <tr>
              <th scope="col">Schedule</th>
              <th scope="col">Cadence</th>
              <th scope="col">Next tick</th>
              <th scope="col">Last ticks</th>
              <th scope="col">
                <span class="off-screen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody data-rows>
            {schedules.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} onEdit={() => onEdit(schedule)} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="pager">
        {next === null ? null : (
          <button type="button" class="button" onClick={onMore}>
            More schedules
          </button>
        )}
        <TickLegend />
      </div>
    </>
  );
}
