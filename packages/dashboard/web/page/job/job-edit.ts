import type { JobChange, JobDetail, NewJob } from "@millrace/api/client";
import { jsonProblem } from "../../text/json-problem.ts";
import { tagsOf, tagsText } from "../../text/tags.ts";
import { instantOfLocal, localInput } from "../../text/zoned-time.ts";

/** The fields of the form that edits a queued job, each as the text that stands in it. */
export interface JobForm {
  payload: string;
  queue: string;
  priority: string;
  maxAttempts: string;
  /** As a `datetime-local` input holds it, in the zone of the pages. Empty: the job waits for something else. */
  runAt: string;
  tags: string;
  key: string;
}

/** What the form says wrongly, by field. */
export type JobFormErrors = Partial<Record<keyof JobForm, string>>;

/** The form filled with a job. `payload` is the text of the payload that people edit. */
export function formOf(job: JobDetail, { payload, zone }: { payload: string; zone: string }): JobForm {
  return {
    payload,
    queue: job.queue,
    priority: String(job.priority),
    maxAttempts: String(job.maxAttempts),
    runAt: job.runAt === null ? "" : localInput(new Date(job.runAt), zone),
    tags: tagsText(job.tags),
    key: job.idempotencyKey ?? "",
  };
}

/**
 * Returns what the form changes, or what is wrong with it. Only fields that differ from `before` are sent, so that an
 * edit does not take back what somebody else has changed meanwhile.
 */
export function changeOf(
  form: JobForm,
  before: JobForm,
  zone: string,
): { change: JobChange; errors?: never } | { errors: JobFormErrors; change?: never } {
  const differs = (name: keyof JobForm) => form[name].trim() !== before[name].trim();
  const errors: JobFormErrors = {};
  const change: JobChange = {};
  if (differs("payload")) {
    const problem = jsonProblem(form.payload);
    if (problem === null) change.payload = form.payload;
    else errors.payload = problem;
  }
  if (differs("queue")) {
    if (form.queue.trim() === "") errors.queue = "Name a queue.";
    else change.queue = form.queue.trim();
  }
  if (differs("priority")) {
    if (isWhole(form.priority)) change.priority = Number(form.priority);
    else errors.priority = "Write a whole number. A smaller one comes first.";
  }
  if (differs("maxAttempts")) {
    if (isWhole(form.maxAttempts) && Number(form.maxAttempts) >= 1)
      change.maxAttempts = Number(form.maxAttempts);
    else errors.maxAttempts = "Write a whole number of at least 1.";
  }
  if (differs("runAt")) {
    const at = instantOfLocal(form.runAt, zone);
    if (at === null) errors.runAt = "Choose a date and a time.";
    else change.runAt = at.toISOString();
  }
  if (differs("tags")) change.tags = tagsOf(form.tags);
  if (differs("key")) change.idempotencyKey = form.key.trim() === "" ? null : form.key.trim();
  return Object.keys(errors).length === 0 ? { change } : { errors };
}

/** The empty form of a new job. The server chooses the values of fields that stay empty. */
export const NEW_JOB: JobForm = {
  payload: "{}",
  queue: "",
  priority: "",
  maxAttempts: "",
  runAt: "",
  tags: "",
  key: "",
};

/** Returns the job that a form describes, or what is wrong with it. */
export function newJobOf(
  type: string,
  form: JobForm,
  zone: string,
): { job: NewJob; errors?: never } | { errors: JobFormErrors & { type?: string }; job?: never } {
  const { change, errors } = changeOf(form, { ...NEW_JOB, payload: "" }, zone);
  if (type.trim() === "") return { errors: { ...errors, type: "Name the type: the name of a task." } };
  if (change === undefined) return { errors };
  const { idempotencyKey, ...rest } = change;
  return { job: { type: type.trim(), ...rest, ...(idempotencyKey == null ? {} : { idempotencyKey }) } };
}

const isWhole = (text: string) => /^-?\d{1,9}$/.test(text.trim());
