import { href } from "../../route/location.ts";
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
        {enabled ? <Time at={schedule.nextRunAt} none="none" /> : <span class="quiet">disabled</span>}
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
          <code>{cron}</code> {timezone}
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
