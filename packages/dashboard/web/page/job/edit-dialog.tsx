import type { JobDetail } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { zone } from "../../state/time-zone.ts";
import { prettyJson } from "../../text/json-tokens.ts";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { changeOf, formOf, type JobForm, type JobFormErrors } from "./job-edit.ts";
import { type FieldsProps, JobFields, PayloadField } from "./job-fields.tsx";

/** Edits a queued job. The payload is edited as text. */
export function EditDialog({ job, onClose }: { job: JobDetail; onClose: () => void }) {
  const [before] = useState(() => formOf(job, { payload: prettyJson(job.payload), zone: zone.peek() }));
  const [form, setForm] = useState(before);
  const [errors, setErrors] = useState<JobFormErrors>({});
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<JobForm>) => setForm((current) => ({ ...current, ...part }));
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const found = changeOf(form, before, zone.peek());
    setErrors(found.errors ?? {});
    if (found.change === undefined) return;
    if (Object.keys(found.change).length === 0) return onClose();
    setBusy(true);
    const { change } = found;
    const done = await act(() => client.jobs.change(job.id, change), "The job is changed");
    setBusy(false);
    if (done !== null) onClose();
  };
  return (
    <Dialog title={`Edit ${job.type}`} onClose={onClose} wide>
      <form onSubmit={onSubmit} noValidate>
        <div class="dialog-body form">
          <Payload job={job} {...{ form, errors, set }} />
          <JobFields {...{ form, errors, set }} />
        </div>
        <DialogButtons>
          <button type="button" class="button" onClick={onClose}>
            Keep as it is
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? "Saving…" : "Save the job"}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

/** The payload. A redacted payload would be saved with its gaps: it cannot be edited. */
function Payload({ job, ...props }: FieldsProps & { job: JobDetail }) {
  if (job.redacted.length === 0) return <PayloadField {...props} />;
  return (
    <p class="wide quiet">The payload has redacted values, so it cannot be edited. A copy keeps them.</p>
  );
}
