import type { QueueRow } from "@millrace/api/client";
import { durationInput, durationText, parseDuration } from "../../text/duration.ts";

/** The fields of the form for a queue's settings, as they are typed. An empty field sets nothing. */
export interface SettingsForm {
  timeoutMs: string;
  retentionMs: string;
  baseMs: string;
  capMs: string;
  jitterMs: string;
  deadLetterType: string;
  deadLetterQueue: string;
}

/** What is wrong with a field, by the field's name. */
export type SettingsErrors = Partial<Record<keyof SettingsForm, string>>;

/** The settings to store, or what is wrong with the form. Null: the queue has no settings. */
export type SettingsResult = { settings: QueueSettings | null } | { errors: SettingsErrors };

/** What a queue sets for its jobs. A setting of the job, or of its task, goes before the setting of the queue. */
export interface QueueSettings {
  timeoutMs?: number;
  retentionMs?: number;
  backoff?: { baseMs?: number; capMs?: number; jitterMs?: number };
  deadLetter?: { type: string; queue?: string };
}

const DURATION_ERROR = "Give a duration with its unit, such as 90s, 5m, 1h30m or 7d.";

const DURATIONS = ["timeoutMs", "retentionMs", "baseMs", "capMs", "jitterMs"] as const;

/** Fills the form with the settings that a queue has. */
export function settingsForm(settings: QueueRow["settings"]): SettingsForm {
  const given = settings ?? {};
  const backoff = fieldsOf(given["backoff"]);
  const letter = fieldsOf(given["deadLetter"]);
  return {
    timeoutMs: duration(given["timeoutMs"]),
    retentionMs: duration(given["retentionMs"]),
    baseMs: duration(backoff["baseMs"]),
    capMs: duration(backoff["capMs"]),
    jitterMs: duration(backoff["jitterMs"]),
    deadLetterType: text(letter["type"]),
    deadLetterQueue: text(letter["queue"]),
  };
}

/** Reads the form. */
export function settingsOf(form: SettingsForm): SettingsResult {
  const errors = settingsErrors(form);
  if (Object.keys(errors).length > 0) return { errors };
  const ms = (name: (typeof DURATIONS)[number]) => optional(name, parseDuration(form[name]));
  const backoff = { ...ms("baseMs"), ...ms("capMs"), ...ms("jitterMs") };
  const type = form.deadLetterType.trim();
  const queue = form.deadLetterQueue.trim();
  const settings: QueueSettings = {
    ...ms("timeoutMs"),
    ...ms("retentionMs"),
    ...(Object.keys(backoff).length === 0 ? {} : { backoff }),
    ...(type === "" ? {} : { deadLetter: queue === "" ? { type } : { type, queue } }),
  };
  return { settings: Object.keys(settings).length === 0 ? null : settings };
}

function settingsErrors(form: SettingsForm): SettingsErrors {
  const errors: SettingsErrors = {};
  for (const name of DURATIONS) {
    if (form[name].trim() !== "" && parseDuration(form[name]) === null) errors[name] = DURATION_ERROR;
  }
  if (parseDuration(form.timeoutMs) === 0) errors.timeoutMs = "A time-out is at least 1 ms.";
  const [base, cap] = [parseDuration(form.baseMs), parseDuration(form.capMs)];
  if (base !== null && cap !== null && cap < base)
    errors.capMs = "The longest delay is shorter than the first one.";
  if (form.deadLetterQueue.trim() !== "" && form.deadLetterType.trim() === "") {
    errors.deadLetterType = "A dead letter needs the type of its job.";
  }
  return errors;
}

/** The settings in words, in short: for a row of the table. Empty for a queue without settings. */
export function settingsSummary(settings: QueueRow["settings"]): string {
  const form = settingsForm(settings);
  const words = (name: (typeof DURATIONS)[number], text: string) => {
    const ms = parseDuration(form[name]);
    return ms === null ? [] : [`${text} ${durationText(ms)}`];
  };
  const backoff = [...words("baseMs", "from"), ...words("capMs", "up to"), ...words("jitterMs", "jitter")];
  const letter = form.deadLetterQueue === "" ? "" : ` in ${form.deadLetterQueue}`;
  return [
    ...words("timeoutMs", "time-out"),
    ...words("retentionMs", "kept"),
    ...(backoff.length === 0 ? [] : [`backoff ${backoff.join(", ")}`]),
    ...(form.deadLetterType === "" ? [] : [`dead letter ${form.deadLetterType}${letter}`]),
  ].join(" · ");
}

const optional = <Name extends string>(name: Name, value: number | null) =>
  value === null ? {} : ({ [name]: value } as { readonly [Key in Name]: number });

const duration = (value: unknown) => (typeof value === "number" ? durationInput(value) : "");

const text = (value: unknown) => (typeof value === "string" ? value : "");

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
