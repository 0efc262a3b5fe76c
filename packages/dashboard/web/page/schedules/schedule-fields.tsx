import type { ComponentChildren } from "preact";
import { useId, useMemo } from "preact/hooks";
import { zoneNames } from "../../state/time-zone.ts";
import { Field } from "../../ui/field.tsx";
import { MISFIRE_CHOICES, OVERLAP_CHOICES, type PolicyChoice } from "./policy-text.ts";
import type { ScheduleErrors, ScheduleForm } from "./schedule-form.ts";

/** What each group of fields is given. */
export interface FieldsProps {
  form: ScheduleForm;
  errors: ScheduleErrors;
  /** The zone of the form's instants. */
  zone: string;
  onChange: (change: Partial<ScheduleForm>) => void;
}

type TextField = Exclude<keyof ScheduleForm, "enabled" | "runOnCreate" | "cadence" | "misfire" | "overlap">;

/** When the schedule ticks. */
export function CadenceFields(props: FieldsProps) {
  const { form, onChange, zone } = props;
  return (
    <fieldset class="form">
      <legend class="off-screen">When it ticks</legend>
      <TextInput {...props} name="name" label="Name" />
      <div class="field">
        <span class="field-label">Cadence</span>
        <div class="segments">
          <CadenceChoice form={form} value="cron" label="Expression" onChange={onChange} />
          <CadenceChoice form={form} value="every" label="Interval" onChange={onChange} />
        </div>
      </div>
      {form.cadence === "cron" ? (
        <>
          <TextInput
            {...props}
            name="cron"
            label="Expression"
            hint="Minute, hour, day, month, weekday: 30 2 * * 1-5"
            isCode
          />
          <ZoneInput {...props} />
        </>
      ) : (
        <>
          <TextInput {...props} name="every" label="Every" hint="Such as 90s, 15m, 1h30m." />
          <TextInput
            {...props}
            name="anchor"
            label={`Counted from (${zone})`}
            hint="Empty: from its creation."
            type="datetime-local"
          />
        </>
      )}
    </fieldset>
  );
}

function CadenceChoice({
  form,
  value,
  label,
  onChange,
}: Pick<FieldsProps, "form" | "onChange"> & { value: ScheduleForm["cadence"]; label: string }) {
  return (
    <label class="segment">
      <input
        type="radio"
        name="cadence"
        checked={form.cadence === value}
        onChange={() => onChange({ cadence: value })}
      />
      {label}
    </label>
  );
}

function ZoneInput(props: FieldsProps) {
  const listId = useId();
  const names = useMemo(zoneNames, []);
  return (
    <>
      <TextInput
        {...props}
        name="timezone"
        label="Time zone"
        hint="A name such as Europe/Berlin, or UTC."
        list={listId}
      />
      <datalist id={listId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** What the schedule enqueues. */
export function JobFields(props: FieldsProps & { isNew: boolean; isRedacted: boolean }) {
  const { form, errors, onChange, isRedacted } = props;
  const hint = isRedacted
    ? "A part of the payload is not sent to this page, so it cannot be changed here."
    : "JSON. No number is rounded.";
  return (
    <fieldset class="form">
      <legend>Its jobs</legend>
      <TextInput {...props} name="jobType" label="Type" />
      <TextInput {...props} name="queue" label="Queue" />
      <TextInput {...props} name="priority" label="Priority" hint="Smaller ones run first." />
      <TextInput {...props} name="maxAttempts" label="Max attempts" hint="How many each job gets at most." />
      <Field label="Payload" hint={hint} error={errors.payload ?? null} wide>
        {(control) => (
          <textarea
            {...control}
            class="textarea schedule-payload"
            spellcheck={false}
            readOnly={isRedacted}
            value={form.payload}
            onInput={({ currentTarget }) => onChange({ payload: currentTarget.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}

/** What happens to ticks that are found late, or that come while a job of the schedule has not ended. */
export function PolicyFields(props: FieldsProps) {
  const { form, errors, onChange } = props;
  return (
    <fieldset class="form">
      <legend>Late and overlapping ticks</legend>
      <PolicyInput
        label="Late ticks"
        choices={MISFIRE_CHOICES}
        value={form.misfire}
        error={errors.misfire}
        onChange={(misfire) => onChange({ misfire })}
      />
      <PolicyInput
        label="Overlap"
        choices={OVERLAP_CHOICES}
        value={form.overlap}
        error={errors.overlap}
        onChange={(overlap) => onChange({ overlap })}
      />
    </fieldset>
  );
}

function PolicyInput({
  label,
  choices,
  value,
  error,
  onChange,
}: {
  label: string;
  choices: readonly PolicyChoice<string>[];
  value: string;
  error: string | undefined;
  onChange: (name: string) => void;
}) {
  return (
    <Field label={label} hint={choices.find(({ name }) => name === value)?.text} error={error ?? null}>
      {(control) => (
        <select
          {...control}
          class="select"
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          {choices.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** From when until when the schedule ticks, and what happens at its creation. */
export function WindowFields(props: FieldsProps & { isNew: boolean }) {
  const { form, onChange, zone, isNew } = props;
  return (
    <fieldset class="form">
      <legend>Limits</legend>
      <TextInput
        {...props}
        name="startsAt"
        label={`Starts (${zone})`}
        hint="No tick comes earlier."
        type="datetime-local"
      />
      <TextInput
        {...props}
        name="endsAt"
        label={`Ends (${zone})`}
        hint="No tick comes then or later."
        type="datetime-local"
      />
      <TextInput {...props} name="maxRuns" label="Ends after" hint="So many jobs. Empty: never." />
      <TextInput
        {...props}
        name="jitter"
        label="Jitter"
        hint="A job is delayed by up to so much after its tick."
      />
      {isNew ? (
        <div class="field wide">
          <Check label="Enabled" checked={form.enabled} onChange={(enabled) => onChange({ enabled })} />
          <Check
            label="Run once at its creation"
            checked={form.runOnCreate}
            onChange={(runOnCreate) => onChange({ runOnCreate })}
          />
        </div>
      ) : null}
    </fieldset>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

function TextInput({
  form,
  errors,
  name,
  label,
  hint,
  type = "text",
  list,
  isCode = false,
  onChange,
}: FieldsProps & {
  name: TextField;
  label: string;
  hint?: ComponentChildren;
  type?: "text" | "datetime-local";
  list?: string;
  isCode?: boolean;
}) {
  return (
    <Field label={label} hint={hint} error={errors[name] ?? null}>
      {(control) => (
        <input
          {...control}
          class={isCode ? "input mono" : "input"}
          type={type}
          step={type === "datetime-local" ? 1 : undefined}
          list={list}
          autocomplete="off"
          spellcheck={false}
          value={form[name]}
          onInput={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
        />
      )}
    </Field>
  );
}
