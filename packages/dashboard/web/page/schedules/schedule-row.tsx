import { useComputed } from "@preact/signals";
import { href } from "../../route/location.ts";
import { nowMs } from "../../state/clock.ts";
import { Icon } from "../../ui/icons.tsx";
import { Time } from "../../ui/time.tsx";
import { standingText } from "./policy-text.ts";
import { ScheduleButtons } from "./schedule-buttons.tsx";
import { TickStrip } from "./tick-strip.tsx";
import type { ListedSchedule } from "./use-schedules.ts";

/** One schedule of the list. */
export function ScheduleRow({ schedule, onEdit }: { schedule: ListedSchedule; onEdit: () => void }) {
  const { name, jobType, queue, enabled } = schedule;
  return (
    <tr data-enabled={enabled} data-row-of>
      <th scope="row" class="schedule-name">
        <span>
          <a href={href(`/schedules/${encodeURIComponent(name)}`)} data-row>
            {name}
          </a>
          <span class="schedule-job quiet">
            {jobType} in {queue}
          </span>
        </span>
      </th>
      <td data-label="Cadence">
        <span>
          <Cadence schedule={schedule} />
          <Warnings schedule={schedule} />
        </span>
      </td>
      <td data-label="Next tick" class="next-tick">
        <NextTick schedule={schedule} />
      </td>
      <td data-label="Last ticks">
        <TickStrip ticks={schedule.ticks} />
      </td>
      <td>
        <div class="row-buttons">
          <ScheduleButtons schedule={schedule} small onEdit={onEdit} />
        </div>
      </td>
    </tr>
  );
}

/** How late a tick is when something must be wrong: a scheduler looks each 15 s at least. */
const OVERDUE_MS = 60_000;

/** When the next tick is due; a warning where no scheduler has fired it in time. */
export function NextTick({
  schedule: { enabled, nextRunAt },
}: {
  schedule: Pick<ListedSchedule, "enabled" | "nextRunAt">;
}) {
  if (!enabled) return <span class="quiet">disabled</span>;
  if (nextRunAt === null) return <Time at={null} none="none" />;
  return <DueTick key={nextRunAt} at={nextRunAt} />;
}

function DueTick({ at }: { at: string }) {
  const isOverdue = useComputed(() => nowMs.value - Date.parse(at) > OVERDUE_MS);
  if (!isOverdue.value) return <Time at={at} />;
  return (
    <span class="overdue" title="No scheduler has fired this tick. Look whether one runs.">
      <Icon name="warning" /> overdue, <Time at={at} />
    </span>
  );
}

/** The cadence in words, and as it is written. */
export function Cadence({
  schedule: { description, cron, timezone },
}: {
  schedule: Pick<ListedSchedule, "description" | "cron" | "timezone">;
}) {
  return (
    <>
      {description}
      {cron === null ? null : (
        <span class="quiet">
          {" "}
          <code class="cadence-expression">{cron}</code> {timezone}
        </span>
      )}
    </>
  );
}

/** Why a schedule does not run, and which of its steps are not what they seem. */
export function Warnings({
  schedule: { status, warnings },
}: {
  schedule: Pick<ListedSchedule, "status" | "warnings">;
}) {
  const standing = status === "disabled" ? null : standingText(status);
  const all = standing === null ? warnings : [standing, ...warnings];
  if (all.length === 0) return null;
  return (
    <ul class="schedule-warnings">
      {all.map((text) => (
        <li key={text}>
          <Icon name="warning" /> {text}
        </li>
      ))}
    </ul>
  );
}
