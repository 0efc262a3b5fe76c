import type { QueueRow } from "@millrace/api/client";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useSubmit } from "../../data/use-submit.ts";
import { client } from "../../state/client.ts";
import { ProblemBanner } from "../../ui/banner.tsx";
import { Dialog, DialogButtons } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { withCommand } from "../audit/with-command.ts";
import { type SettingsErrors, type SettingsForm, settingsForm, settingsOf } from "./settings-form.ts";

/** The form for what a queue sets for its jobs. The form keeps what is typed while the list behind it goes on. */
export function SettingsDialog({ row, onClose }: { row: QueueRow; onClose: () => void }) {
  const [form, setForm] = useState(() => settingsForm(row.settings));
  const [errors, setErrors] = useState<SettingsErrors>({});
  const { saving, problem, submit } = useSubmit();
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const result = settingsOf(form);
    if ("errors" in result) return setErrors(result.errors);
    setErrors({});
    const set = () => client.queues.set(row.queue, result.settings);
    const change = () => withCommand(set, "setQueue", row.queue);
    const done = result.settings === null ? "has no settings any more" : "has new settings";
    if (await submit(change, `The queue ${row.queue} ${done}`)) onClose();
  };
  return (
    <Dialog title={`Settings of ${row.queue}`} wide onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <div class="dialog-body">
          <p class="quiet">
            These hold where neither a job nor its task says otherwise. An empty field sets nothing.
          </p>
          {problem === null ? null : <ProblemBanner problem={problem} />}
          <SettingsFields
            form={form}
            errors={errors}
            onChange={(change) => setForm({ ...form, ...change })}
          />
        </div>
        <DialogButtons>
          <button type="button" class="button" onClick={onClose}>
            Keep as it is
          </button>
          <button type="submit" class="button primary" disabled={saving}>
            {saving ? "Saving…" : "Save the settings"}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

/** The fields in the order of the form, each with what it means. */
const FIELDS: readonly { name: keyof SettingsForm; label: string; hint: ComponentChildren }[] = [
  {
    name: "timeoutMs",
    label: "Time-out",
    hint: "How long a run may take before it is aborted, such as 90s or 5m.",
  },
  { name: "retentionMs", label: "Retention", hint: "How long ended jobs are kept, such as 12h or 7d." },
  {
    name: "baseMs",
    label: "Backoff: first delay",
    hint: "The delay after the first failed attempt. It doubles.",
  },
  { name: "capMs", label: "Backoff: longest delay", hint: "No delay is longer, but for the jitter." },
  { name: "jitterMs", label: "Backoff: jitter", hint: "Up to so much is added at random." },
  {
    name: "deadLetterType",
    label: "Dead letter: type",
    hint: "A job of this type is enqueued when a job fails.",
  },
  { name: "deadLetterQueue", label: "Dead letter: queue", hint: "The queue of that job. Empty: default." },
];

function SettingsFields({
  form,
  errors,
  onChange,
}: {
  form: SettingsForm;
  errors: SettingsErrors;
  onChange: (change: Partial<SettingsForm>) => void;
}) {
  return (
    <div class="form">
      {FIELDS.map(({ name, label, hint }) => (
        <TextField
          key={name}
          label={label}
          hint={hint}
          value={form[name]}
          error={errors[name]}
          onInput={(text) => onChange({ [name]: text })}
        />
      ))}
    </div>
  );
}
