import type { JobDetail } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { zone } from "../../state/time-zone.ts";
import { prettyJson } from "../../text/json-tokens.ts";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { changeOf, formOf, type JobForm, type JobFormErrors, jsonProblem } from "./job-edit.ts";

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
          <PayloadField job={job} form={form} error={errors.payload} set={set} />
          <RunAtField {...{ form, errors, set }} />
          <TextField label="Queue" name="queue" {...{ form, errors, set }} />
          <TextField
            label="Priority"
            name="priority"
            {...{ form, errors, set }}
            hint="a smaller number comes first"
          />
          <TextField label="Max attempts" name="maxAttempts" {...{ form, errors, set }} />
          <TextField label="Tags" name="tags" {...{ form, errors, set }} hint="with commas between them" />
          <TextField label="Key" name="key" {...{ form, errors, set }} hint="empty: the job has no key" />
        </div>
        <DialogButtons>
          <button type="button" class="button" onClick={onClose}>
            Keep as it is
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? "Saving…" : "Save"}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

interface FormProps {
  form: JobForm;
  errors: JobFormErrors;
  set: (part: Partial<JobForm>) => void;
}

function TextField({
  label,
  name,
  hint,
  form,
  errors,
  set,
}: FormProps & { label: string; name: keyof JobForm; hint?: string }) {
  return (
    <Field label={label} error={errors[name] ?? null} {...(hint === undefined ? {} : { hint })}>
      {(control) => (
        <input
          {...control}
          class="input"
          type="text"
          autoComplete="off"
          value={form[name]}
          onInput={(event) => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

function RunAtField({ form, errors, set }: FormProps) {
  return (
    <Field label="Due" error={errors.runAt ?? null} hint={`in ${zone.value}`}>
      {(control) => (
        <input
          {...control}
          class="input"
          type="datetime-local"
          step={1}
          value={form.runAt}
          onInput={(event) => set({ runAt: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

/** The payload, checked as it is typed. A redacted payload would be saved with its gaps: it cannot be edited. */
function PayloadField({
  job,
  form,
  error,
  set,
}: {
  job: JobDetail;
  form: JobForm;
  error: string | undefined;
  set: FormProps["set"];
}) {
  if (job.redacted.length > 0) {
    return (
      <p class="wide quiet">The payload has redacted values, so it cannot be edited. A copy keeps them.</p>
    );
  }
  return (
    <Field label="Payload" wide error={jsonProblem(form.payload) ?? error ?? null}>
      {(control) => (
        <textarea
          {...control}
          class="textarea"
          spellcheck={false}
          value={form.payload}
          onInput={(event) => set({ payload: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}
