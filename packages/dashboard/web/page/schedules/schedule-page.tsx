import type { Schedule } from "@millrace/api/client";
import type { ComponentChildren } from "preact";
import "./schedules.css";
import { useState } from "preact/hooks";
import { useKept } from "../../data/use-kept.ts";
import { useLoad } from "../../data/use-load.ts";
import { href, navigate } from "../../route/location.ts";
import type { PageProps } from "../../route/page-props.ts";
import { client } from "../../state/client.ts";
import { durationText } from "../../text/duration.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { Loading, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Time } from "../../ui/time.tsx";
import { MISFIRE_CHOICES, OVERLAP_CHOICES, policyText } from "./policy-text.ts";
import { Ticks } from "./preview-panel.tsx";
import { ScheduleButtons } from "./schedule-buttons.tsx";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import { Cadence, Warnings } from "./schedule-row.tsx";
import { TickTable } from "./tick-table.tsx";

/** How often the schedule is read again while the pages are live. */
const EVERY_MS = 5_000;

/** One schedule: what it enqueues and when, its next ticks, and what became of its last ticks. */
export function SchedulePage({ params }: PageProps) {
  const name = params["name"] ?? "";
  const [gone, setGone] = useState<string | null>(null);
  const onDeleted = () => {
    // A deleted schedule is not read again while the list is loading.
    setGone(name);
    navigate("/schedules", { replace: true });
  };
  return gone === name ? <Loading /> : <OneSchedule key={name} name={name} onDeleted={onDeleted} />;
}

function OneSchedule({ name, onDeleted }: { name: string; onDeleted: () => void }) {
  const schedule = useLoad(() => client.schedules.get(name), `schedule ${name}`, { everyMs: EVERY_MS });
  const [edited, setEdited] = useState<Schedule | null>(null);
  return (
    <>
      <PageHead title={name} name={name}>
        {schedule.value === undefined ? null : (
          <ScheduleButtons
            schedule={schedule.value}
            onEdit={() => setEdited(schedule.value ?? null)}
            onDeleted={onDeleted}
          />
        )}
      </PageHead>
      <LoadView loaded={schedule}>
        {(value) => (
          <>
            <Warnings schedule={value} />
            <Facts schedule={value} />
            <NextTicks schedule={value} />
            <TickTable name={name} />
            <Panel title="Payload">
              <JsonView json={value.payload} label="Payload" />
            </Panel>
          </>
        )}
      </LoadView>
      {edited === null ? null : (
        <ScheduleDialog
          schedule={edited}
          onClose={() => setEdited(null)}
          onSaved={(saved) => navigate(`/schedules/${encodeURIComponent(saved)}`, { replace: true })}
        />
      )}
    </>
  );
}

function Facts({ schedule }: { schedule: Schedule }) {
  return (
    <section class="panel" aria-label="Facts">
      <dl class="facts panel-body">
        <Fact label="Cadence" isWide>
          <Cadence schedule={schedule} />
        </Fact>
        <Fact label="Next tick">
          {schedule.enabled ? <Time at={schedule.nextRunAt} none="none" /> : "disabled"}
        </Fact>
        <Fact label="Last tick">
          <Time at={schedule.lastRunAt} none="none yet" />
        </Fact>
        <Fact label="Enqueues">{schedule.jobType}</Fact>
        <Fact label="Queue">
          <a href={href(`/queues?${new URLSearchParams({ queue: schedule.queue })}`)}>{schedule.queue}</a>
        </Fact>
        <Fact label="Priority, attempts">
          {schedule.priority}, {schedule.maxAttempts}
        </Fact>
        <Fact label="Its jobs">
          <a href={jobsHref({ schedule: schedule.id })}>See them all</a>
        </Fact>
        <Fact label={`Late ticks: ${schedule.misfire}`} isWide>
          {policyText(MISFIRE_CHOICES, schedule.misfire)}
        </Fact>
        <Fact label={`Overlap: ${schedule.overlap}`} isWide>
          {policyText(OVERLAP_CHOICES, schedule.overlap)}
        </Fact>
        <LimitFacts schedule={schedule} />
        <Fact label="Created">
          <Time at={schedule.createdAt} />
          {schedule.declared ? ", declared by code" : ""}
        </Fact>
      </dl>
    </section>
  );
}

/** The limits that the schedule has; most have none. */
function LimitFacts({ schedule: { jitterMs, startsAt, endsAt, maxRuns, runs } }: { schedule: Schedule }) {
  return (
    <>
      <Fact label="Made by ticks">
        {maxRuns === null ? `${runs} jobs` : `${runs} of at most ${maxRuns} jobs`}
      </Fact>
      {jitterMs === 0 ? null : <Fact label="Jitter">up to {durationText(jitterMs)}</Fact>}
      {startsAt === null ? null : (
        <Fact label="No tick before">
          <Time at={startsAt} absolute />
        </Fact>
      )}
      {endsAt === null ? null : (
        <Fact label="No tick from">
          <Time at={endsAt} absolute />
        </Fact>
      )}
    </>
  );
}

function Fact({
  label,
  isWide = false,
  children,
}: {
  label: string;
  isWide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={isWide ? "fact-wide" : undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function NextTicks({ schedule }: { schedule: Schedule }) {
  const { cron, everyMs, timezone, createdAt, startsAt, endsAt, maxRuns } = schedule;
  const isLimited = startsAt !== null || endsAt !== null || maxRuns !== null;
  // An interval without an anchor counts from the schedule's creation.
  const request =
    cron === null
      ? { everyMs, anchor: schedule.anchor ?? createdAt, count: 10 }
      : { cron, timezone, count: 10 };
  // A tick begins the list anew: the list before stays until the next one is there.
  const key = `preview ${JSON.stringify(request)} ${schedule.nextRunAt}`;
  const preview = useKept(useLoad(() => client.schedules.preview(request), key));
  return (
    <Panel title={schedule.enabled ? "Next ticks" : "Next ticks, if it were enabled"}>
      <div class="panel-body preview">
        <LoadView loaded={preview}>
          {(value) => (
            <Ticks preview={value} timezone={cron === null ? "UTC" : timezone} isLimited={isLimited} />
          )}
        </LoadView>
      </div>
    </Panel>
  );
}

function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{title}</h2>
      </div>
      {children}
    </section>
  );
}
