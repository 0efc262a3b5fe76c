import type { NewSchedule, Schedule, SchedulePatch } from "@millrace/api/client";
import { durationInput, parseDuration } from "../../text/duration.ts";
import { jsonProblem } from "../../text/json-problem.ts";
import { instantOfLocal, isTimeZone, localInput } from "../../text/zoned-time.ts";
import type { TickLimits } from "./limited-lines.ts";

/** The fields of the form of a schedule, as they are typed. Instants are by the clock of `zone`. */
export interface ScheduleForm {
  name: string;
  jobType: string;
  queue: string;
  cadence: "cron" | "every";
  cron: string;
  every: string;
  anchor: string;
  timezone: string;
  payload: string;
  priority: string;
  maxAttempts: string;
  misfire: string;
  overlap: string;
  jitter: string;
  startsAt: string;
  endsAt: string;
  maxRuns: string;
  enabled: boolean;
  runOnCreate: boolean;
}

/** What is wrong with a field, by the field's name. */
export type ScheduleErrors = Partial<Record<keyof ScheduleForm, string>>;

/** The fields that can be changed later, as requests name them. */
type Fields = Required<Omit<NewSchedule, "enabled" | "runOnCreate" | "timezone">> & { timezone?: string };

/** The form of a new schedule. The time zone is the viewer's choice. */
export function emptyForm(timezone: string): ScheduleForm {
  return {
    name: "",
    jobType: "",
    queue: "default",
    cadence: "cron",
    cron: "",
    every: "",
    anchor: "",
    timezone,
    payload: "{}",
    priority: "0",
    maxAttempts: "10",
    misfire: "latest",
    overlap: "allow",
    jitter: "0s",
    startsAt: "",
    endsAt: "",
    maxRuns: "",
    enabled: true,
    runOnCreate: false,
  };
}

/** The form filled with a schedule. `zone` is the zone of the form's instants. */
export function filledForm(schedule: Schedule, zone: string): ScheduleForm {
  const local = (at: string | null) => (at === null ? "" : localInput(new Date(at), zone));
  return {
    name: schedule.name,
    jobType: schedule.jobType,
    queue: schedule.queue,
    cadence: schedule.cron === null ? "every" : "cron",
    cron: schedule.cron ?? "",
    every: schedule.everyMs === null ? "" : durationInput(schedule.everyMs),
    anchor: local(schedule.anchor),
    timezone: schedule.timezone,
    payload: schedule.payload,
    priority: String(schedule.priority),
    maxAttempts: String(schedule.maxAttempts),
    misfire: schedule.misfire,
    overlap: schedule.overlap,
    jitter: durationInput(schedule.jitterMs),
    startsAt: local(schedule.startsAt),
    endsAt: local(schedule.endsAt),
    maxRuns: schedule.maxRuns === null ? "" : String(schedule.maxRuns),
    enabled: schedule.enabled,
    runOnCreate: false,
  };
}

/** A whole number from 1. */
const FROM_ONE = /^\s*[1-9]\d*\s*$/;

/** What limits the ticks of what is typed. `runs` is how many jobs the schedule has made. */
export function formLimits(
  { startsAt, endsAt, maxRuns }: ScheduleForm,
  zone: string,
  runs: number,
): TickLimits {
  const most = FROM_ONE.test(maxRuns) ? Number(maxRuns) : null;
  return {
    startsAt: instantOfLocal(startsAt, zone),
    endsAt: instantOfLocal(endsAt, zone),
    jobsLeft: most === null ? null : Math.max(0, most - runs),
  };
}

/** What is wrong with the form, as far as this page can tell: the API checks names, expressions and limits. */
export function formErrors(form: ScheduleForm): ScheduleErrors {
  return {
    ...require(form, ["name", "jobType", "queue", form.cadence === "cron" ? "cron" : "every"]),
    ...durations(form, form.cadence === "every" ? ["every", "jitter"] : ["jitter"]),
    ...wholeNumbers(form),
    ...payload(form),
    ...(form.cadence === "every" || isTimeZone(form.timezone)
      ? {}
      : { timezone: `“${form.timezone}” is no time zone. Give a name such as Europe/Berlin or UTC.` }),
    ...window(form),
  };
}

/** The request that creates the schedule. Call `formErrors` first. */
export function newSchedule(form: ScheduleForm, zone: string): NewSchedule {
  return {
    ...fieldsOf(form, zone),
    enabled: form.enabled,
    ...(form.runOnCreate ? { runOnCreate: true } : {}),
  };
}

/**
 * The request that changes a schedule: the fields that differ from what the form was filled with, so that what others
 * changed meanwhile stays. Null when nothing differs. Call `formErrors` first.
 */
export function schedulePatch(form: ScheduleForm, filled: ScheduleForm, zone: string): SchedulePatch | null {
  const [now, before] = [fieldsOf(form, zone), fieldsOf(filled, zone)];
  const changed = Object.entries(now).filter(([name, value]) => before[name as keyof Fields] !== value);
  const patch: SchedulePatch = Object.fromEntries(changed);
  // A cadence is one thing: the API replaces the fields of the other kind by itself.
  if (now.cron !== null) {
    delete patch.everyMs;
    delete patch.anchor;
  } else delete patch.cron;
  return Object.keys(patch).length === 0 ? null : patch;
}

/** The fields of a request. The zone belongs to an expression, the anchor to an interval. */
function fieldsOf(form: ScheduleForm, zone: string): Fields {
  const instant = (local: string) => instantOfLocal(local, zone)?.toISOString() ?? null;
  const isCron = form.cadence === "cron";
  return {
    name: form.name.trim(),
    jobType: form.jobType.trim(),
    queue: form.queue.trim(),
    cron: isCron ? form.cron.trim() : null,
    everyMs: isCron ? null : parseDuration(form.every),
    anchor: isCron ? null : instant(form.anchor),
    ...(isCron ? { timezone: form.timezone.trim() } : {}),
    payload: form.payload,
    priority: Number(form.priority),
    maxAttempts: Number(form.maxAttempts),
    misfire: form.misfire as Fields["misfire"],
    overlap: form.overlap,
    jitterMs: parseDuration(form.jitter) ?? 0,
    startsAt: instant(form.startsAt),
    endsAt: instant(form.endsAt),
    maxRuns: form.maxRuns.trim() === "" ? null : Number(form.maxRuns),
  };
}

type TextField = Exclude<keyof ScheduleForm, "enabled" | "runOnCreate">;

function require(form: ScheduleForm, names: readonly TextField[]): ScheduleErrors {
  const missing = names.filter((name) => form[name].trim() === "");
  return Object.fromEntries(missing.map((name) => [name, "This field is required."]));
}

function durations(form: ScheduleForm, names: readonly ("every" | "jitter")[]): ScheduleErrors {
  const wrong = names.filter((name) => form[name].trim() !== "" && parseDuration(form[name]) === null);
  return Object.fromEntries(
    wrong.map((name) => [name, "Give a duration with its unit, such as 90s or 1h30m."]),
  );
}

function wholeNumbers(form: ScheduleForm): ScheduleErrors {
  const errors: ScheduleErrors = {};
  if (!/^\s*-?\d{1,5}\s*$/.test(form.priority))
    errors.priority = "Give a whole number; smaller ones run first.";
  if (!FROM_ONE.test(form.maxAttempts)) errors.maxAttempts = "Give a whole number from 1.";
  if (form.maxRuns.trim() !== "" && !FROM_ONE.test(form.maxRuns)) {
    errors.maxRuns = "Give a whole number from 1, or nothing.";
  }
  return errors;
}

function payload(form: ScheduleForm): ScheduleErrors {
  const problem = jsonProblem(form.payload);
  return problem === null ? {} : { payload: problem };
}

function window({ startsAt, endsAt }: ScheduleForm): ScheduleErrors {
  // Both are by the same clock, so that their texts are in the order of the instants.
  return startsAt !== "" && endsAt !== "" && endsAt <= startsAt
    ? { endsAt: "The end lies before the start." }
    : {};
}
