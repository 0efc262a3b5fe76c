import type { Schedule } from "@millrace/api/client";
import "./schedules.css";
import { useState } from "preact/hooks";
import { useKept } from "../../data/use-kept.ts";
import { useLoad } from "../../data/use-load.ts";
import { href, navigate } from "../../route/location.ts";
import type { PageProps } from "../../route/page-props.ts";
import { client } from "../../state/client.ts";
import { countText, figureText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { HIDDEN } from "../../text/redacted.ts";
import { Fact } from "../../ui/fact.tsx";
import { Hidden } from "../../ui/hidden.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { Loading, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/time.tsx";
import { askedTicks, type TickLimits } from "./limited-lines.ts";
import { MISFIRE_CHOICES, OVERLAP_CHOICES, policyText } from "./policy-text.ts";
import { Ticks } from "./preview-panel.tsx";
import { ScheduleButtons } from "./schedule-buttons.tsx";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import { Cadence, NextTick, Warnings } from "./schedule-row.tsx";
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
              {value.payload === HIDDEN ? <Hidden /> : <JsonView json={value.payload} label="Payload" />}
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
        <Fact name="Cadence" isWide>
          <Cadence schedule={schedule} />
        </Fact>
        <Fact name="Next tick">
          <NextTick schedule={schedule} />
        </Fact>
        <Fact name="Last tick">
          <Time at={schedule.lastRunAt} none="none yet" />
        </Fact>
        <Fact name="Type">{schedule.jobType}</Fact>
        <Fact name="Queue">
          <a href={href(`/queues?${new URLSearchParams({ queue: schedule.queue })}`)}>{schedule.queue}</a>
        </Fact>
        <Fact name="Priority">{schedule.priority}</Fact>
        <Fact name="Attempts">at most {schedule.maxAttempts} a job</Fact>
        <Fact name="Its jobs">
          <a href={jobsHref({ schedule: schedule.id })}>See them all</a>
        </Fact>
        <Fact name={`Late ticks: ${schedule.misfire}`} isWide>
          {policyText(MISFIRE_CHOICES, schedule.misfire)}
        </Fact>
        <Fact name={`Overlap: ${schedule.overlap}`} isWide>
          {policyText(OVERLAP_CHOICES, schedule.overlap)}
        </Fact>
        <LimitFacts schedule={schedule} />
        <Fact name="Created">
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
      <Fact name="Made by ticks">
        {maxRuns === null
          ? countText(runs, "job")
          : `${figureText(runs)} of at most ${countText(maxRuns, "job")}`}
      </Fact>
      {jitterMs === 0 ? null : <Fact name="Jitter">up to {durationText(jitterMs)}</Fact>}
      {startsAt === null ? null : (
        <Fact name="Starts">
          <Time at={startsAt} absolute />
        </Fact>
      )}
      {endsAt === null ? null : (
        <Fact name="Ends">
          <Time at={endsAt} absolute />
        </Fact>
      )}
    </>
  );
}

/** How many of the next ticks are shown. */
const NEXT_TICKS = 10;

/** What limits the ticks to come of a schedule. */
function scheduleLimits({ startsAt, endsAt, maxRuns, runs }: Schedule): TickLimits {
  const instant = (at: string | null) => (at === null ? null : new Date(at));
  return {
    startsAt: instant(startsAt),
    endsAt: instant(endsAt),
    jobsLeft: maxRuns === null ? null : Math.max(0, maxRuns - runs),
  };
}

function NextTicks({ schedule }: { schedule: Schedule }) {
  const { cron, everyMs, timezone, createdAt } = schedule;
  const limits = scheduleLimits(schedule);
  const count = askedTicks(limits, NEXT_TICKS);
  // An interval without an anchor counts from the schedule's creation.
  const request =
    cron === null ? { everyMs, anchor: schedule.anchor ?? createdAt, count } : { cron, timezone, count };
  // A tick begins the list anew: the list before stays until the next one is there.
  const key = `preview ${JSON.stringify(request)} ${schedule.nextRunAt}`;
  const preview = useKept(useLoad(() => client.schedules.preview(request), key));
  return (
    <Panel title={schedule.enabled ? "Next ticks" : "Next ticks, if it were enabled"}>
      <div class="panel-body preview">
        <LoadView loaded={preview}>
          {(value) => (
            <Ticks
              preview={value}
              timezone={cron === null ? "UTC" : timezone}
              limits={limits}
              count={NEXT_TICKS}
            />
          )}
        </LoadView>
      </div>
    </Panel>
  );
}
