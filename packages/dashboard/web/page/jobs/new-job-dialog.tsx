import { useState } from "preact/hooks";
import { navigate } from "../../route/location.ts";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { zone } from "../../state/time-zone.ts";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { type JobForm, type JobFormErrors, NEW_JOB, newJobOf } from "../job/job-edit.ts";
import { JobFields, PayloadField } from "../job/job-fields.tsx";

/** Enqueues a job by hand, and opens its page. */
export function NewJobDialog({ onClose }: { onClose: () => void }) {
  const [type, setType] = useState("");
  const [form, setForm] = useState(NEW_JOB);
  const [errors, setErrors] = useState<JobFormErrors & { type?: string }>({});
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<JobForm>) => setForm((current) => ({ ...current, ...part }));
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const found = newJobOf(type, form, zone.peek());
    setErrors(found.errors ?? {});
    if (found.job === undefined) return;
    setBusy(true);
    const { job } = found;
    const done = await act(() => client.jobs.enqueue(job), said);
    setBusy(false);
    if (done !== null) navigate(`/jobs/${done.answer.id}`);
  };
  return (
    <Dialog title="New job" onClose={onClose} wide>
      <form onSubmit={onSubmit} noValidate>
        <div class="dialog-body form">
          <Field label="Type" wide error={errors.type ?? null}>
            {(control) => (
              <input
                {...control}
                class="input"
                type="text"
                autoComplete="off"
                value={type}
                onInput={(event) => setType(event.currentTarget.value)}
              />
            )}
          </Field>
          <PayloadField {...{ form, errors, set }} />
          <JobFields {...{ form, errors, set }} />
          <p class="wide quiet">
            What is left empty is as the server has it: due now, in the queue “default”, without a key.
          </p>
        </div>
        <DialogButtons>
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? "Enqueuing…" : "Enqueue the job"}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

const said = ({ result }: { result: string }) =>
  result === "duplicate" ? "A job has this key already: this is it" : "The job is enqueued";
