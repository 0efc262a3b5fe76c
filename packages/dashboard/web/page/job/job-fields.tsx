import { zone } from "../../state/time-zone.ts";
import { jsonProblem } from "../../text/json-problem.ts";
import { Field } from "../../ui/field.tsx";
import type { JobForm, JobFormErrors } from "./job-edit.ts";

/** The form of a job, what is wrong with it, and how to change it. */
export interface FieldsProps {
  form: JobForm;
  errors: JobFormErrors;
  set: (part: Partial<JobForm>) => void;
}

/** The fields of a job beside its payload. */
export function JobFields(props: FieldsProps) {
  return (
    <>
      <RunAtField {...props} />
      <TextField label="Queue" name="queue" {...props} />
      <TextField label="Priority" name="priority" {...props} hint="a smaller number comes first" />
      <TextField label="Max attempts" name="maxAttempts" {...props} />
      <TextField label="Tags" name="tags" {...props} hint="with commas between them" />
      <TextField label="Key" name="key" {...props} hint="empty: the job has no key" />
    </>
  );
}

/** The payload as text, checked as it is typed. */
export function PayloadField({ form, errors, set }: FieldsProps) {
  return (
    <Field label="Payload" wide error={jsonProblem(form.payload) ?? errors.payload ?? null}>
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

/** A field of one line. */
export function TextField({
  label,
  name,
  hint,
  form,
  errors,
  set,
}: FieldsProps & { label: string; name: keyof JobForm; hint?: string }) {
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

function RunAtField({ form, errors, set }: FieldsProps) {
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
