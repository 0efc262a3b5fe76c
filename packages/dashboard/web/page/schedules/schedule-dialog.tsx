import type { Schedule } from "@millrace/api/client";
import { useMemo, useState } from "preact/hooks";
import { useSubmit } from "../../data/use-submit.ts";
import { client } from "../../state/client.ts";
import { session } from "../../state/session.ts";
import { localZone, zone } from "../../state/time-zone.ts";
import { REDACTED } from "../../text/redacted.ts";
import { Banner, ProblemBanner } from "../../ui/banner.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { withCommand } from "../audit/with-command.ts";
import { PreviewPanel, usePreview } from "./preview-panel.tsx";
import { CadenceFields, JobFields, PolicyFields, WindowFields } from "./schedule-fields.tsx";
import {
  emptyForm,
  filledForm,
  formErrors,
  formLimits,
  newSchedule,
  type ScheduleErrors,
  type ScheduleForm,
  schedulePatch,
} from "./schedule-form.ts";

/** The form of a new schedule, or of one that is changed, with the next ticks as they would be. */
export function ScheduleDialog({
  schedule,
  onClose,
  onSaved = () => {},
}: {
  schedule: Schedule | null;
  onClose: () => void;
  /** Called with the schedule's name, which may be a new one. */
  onSaved?: (name: string) => void;
}) {
  // The zone of the form's instants stays, even if another zone is chosen meanwhile.
  const formZone = useMemo(() => zone.peek(), []);
  const filled = useMemo(
    () => (schedule === null ? emptyForm(localZone) : filledForm(schedule, formZone)),
    [],
  );
  const [form, setForm] = useState(filled);
  const [errors, setErrors] = useState<ScheduleErrors>({});
  const { saving, problem, submit } = useSubmit();
  const limits = formLimits(form, formZone, schedule?.runs ?? 0);
  const preview = usePreview(form, limits);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const wrong = formErrors(form);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    const change =
      schedule === null ? create(form, formZone) : update(schedule.name, { form, filled, formZone });
    if (change === null) return onClose();
    const done = `The schedule ${form.name} is ${schedule === null ? "created" : "changed"}`;
    if (!(await submit(change, done))) return;
    onSaved(form.name);
    onClose();
  };
  const fields = {
    form,
    errors: { ...errors, ...fieldOf(problem) },
    zone: formZone,
    onChange: (change: Partial<ScheduleForm>) => setForm({ ...form, ...change }),
  };
  return (
    <Dialog title={schedule === null ? "New schedule" : `Edit ${schedule.name}`} wide onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <div class="dialog-body">
          {schedule?.declared ? <DeclaredNote /> : null}
          {problem === null ? null : <ProblemBanner problem={problem} />}
          <CadenceFields {...fields} />
          <PreviewPanel preview={preview} limits={limits} />
          <JobFields {...fields} isNew={schedule === null} isRedacted={isRedacted(filled)} />
          <PolicyFields {...fields} />
          <WindowFields {...fields} isNew={schedule === null} />
        </div>
        <DialogButtons>
          <button type="button" class="button" onClick={onClose}>
            {schedule === null ? "Close" : "Keep as it is"}
          </button>
          <button type="submit" class="button primary" disabled={saving}>
            {saving ? "Saving…" : schedule === null ? "Create the schedule" : "Save the schedule"}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

function create(form: ScheduleForm, formZone: string) {
  return async () => {
    await client.schedules.create(newSchedule(form, formZone));
    return { commandId: null };
  };
}

/** Null where the form differs in nothing. */
function update(
  name: string,
  { form, filled, formZone }: { form: ScheduleForm; filled: ScheduleForm; formZone: string },
) {
  const patch = schedulePatch(form, filled, formZone);
  if (patch === null) return null;
  return () => withCommand(() => client.schedules.update(name, patch), "schedules.update", name);
}

/** A payload of which a part was not sent would be stored without that part. */
const isRedacted = ({ payload }: ScheduleForm) =>
  (session.peek()?.redact.length ?? 0) > 0 && payload.includes(REDACTED);

/** Names the field of the form that the API refused. */
function fieldOf(problem: { field?: string | undefined; detail: string } | null): ScheduleErrors {
  const field = problem?.field;
  if (problem === null || field === undefined) return {};
  const name = { everyMs: "every", jitterMs: "jitter" }[field] ?? field;
  return { [name]: problem.detail };
}

function DeclaredNote() {
  return (
    <Banner>
      Code declares this schedule: when the code starts again, it writes its own fields over yours.
    </Banner>
  );
}
