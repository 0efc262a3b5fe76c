import type { Schedule } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { may } from "../../state/session.ts";
import { Icon } from "../../ui/icons.tsx";
import { deleteSchedule, disableSchedule, enableSchedule, runSchedule } from "./schedule-actions.tsx";

/**
 * What can be done with a schedule, as far as the session may. Lists do not offer to delete, because nothing undoes
 * that.
 */
export function ScheduleButtons({
  schedule,
  small = false,
  onEdit,
  onDeleted,
}: {
  schedule: Schedule;
  small?: boolean;
  onEdit: () => void;
  /** Called when the schedule is gone. Without it, the schedule cannot be deleted here. */
  onDeleted?: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const run = (work: () => Promise<void>) => async () => {
    setBusy(true);
    await work();
    setBusy(false);
  };
  const { name, enabled } = schedule;
  const button = small ? "button small" : "button";
  return (
    <>
      {may("schedules.run-now") ? (
        <button
          type="button"
          class={button}
          disabled={busy}
          aria-label={`Run now: ${name}`}
          onClick={run(() => runSchedule(schedule))}
        >
          <Icon name="play" /> Run now
        </button>
      ) : null}
      {may("schedules.change") ? (
        <>
          <button type="button" class={button} disabled={busy} aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </button>
          <button
            type="button"
            class={button}
            disabled={busy}
            aria-label={`${enabled ? "Disable" : "Enable"} ${name}`}
            onClick={run(() => (enabled ? disableSchedule(schedule) : enableSchedule(schedule)))}
          >
            {enabled ? "Disable" : "Enable"}
          </button>
        </>
      ) : null}
      {may("schedules.delete") && onDeleted !== undefined ? (
        <button
          type="button"
          class={button}
          disabled={busy}
          aria-label={`Delete ${name}`}
          onClick={run(() => deleteSchedule(schedule, onDeleted))}
        >
          Delete
        </button>
      ) : null}
    </>
  );
}
