import { zone } from "../../state/time-zone.ts";
import { jsonProblem } from "../../text/json-problem.ts";
import { Field } from "../../ui/field.tsx";
import { TextField } from "../../ui/text-field.tsx";
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
      <FormField label="Due" name="runAt" {...props} hint={`in ${zone.value}`} />
      <FormField label="Queue" name="queue" {...props} />
      <FormField label="Priority" name="priority" {...props} hint="a smaller number comes first" />
      <FormField label="Max attempts" name="maxAttempts" {...props} />
      <FormField label="Tags" name="tags" {...props} hint="with commas between them" />
      <FormField label="Key" name="key" {...props} hint="empty: the job has no key" />
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

function FormField({
  label,
  name,
  hint,
  form,
  errors,
  set,
}: FieldsProps & { label: string; name: keyof JobForm; hint?: string }) {
  return (
    <TextField
      label={label}
      value={form[name]}
      error={errors[name]}
      hint={hint}
      type={name === "runAt" ? "datetime-local" : "text"}
      onInput={(text) => set({ [name]: text })}
    />
  );
}
