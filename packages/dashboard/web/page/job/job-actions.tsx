import type { JobDetail } from "@millrace/api/client";
import { navigate } from "../../route/location.ts";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { askConfirm } from "../../state/confirm.ts";
import { may } from "../../state/session.ts";
import { retryJob, runJobNow } from "./job-commands.ts";

/** The buttons of a job: what its state and this session allow. */
export function JobActions({ job, onEdit }: { job: JobDetail; onEdit: (() => void) | null }) {
  const { state } = job;
  const ended = state !== "queued" && state !== "running";
  return (
    <>
      {state === "queued" && may("jobs.run-now") ? (
        <Button label="Run now" primary onClick={() => runJobNow(job.id)} />
      ) : null}
      {ended && may("jobs.retry") ? <Button label="Retry" primary onClick={() => retry(job)} /> : null}
      {onEdit === null ? null : <Button label="Edit" onClick={onEdit} />}
      {may("jobs.enqueue") ? <Button label="Duplicate" onClick={() => duplicate(job)} /> : null}
      {!ended && may("jobs.cancel") && job.cancelRequestedAt === null ? (
        <Button label="Cancel" onClick={() => cancel(job)} />
      ) : null}
      {state !== "running" && may("jobs.delete") ? (
        <Button label="Delete" onClick={() => remove(job)} />
      ) : null}
    </>
  );
}

function Button({
  label,
  primary = false,
  onClick,
}: {
  label: string;
  primary?: boolean;
  onClick: () => void;
}) {
  return (
    <button type="button" class={primary ? "button primary" : "button"} onClick={onClick}>
      {label}
    </button>
  );
}

async function retry({ id, state }: JobDetail): Promise<void> {
  const sure =
    state !== "completed" ||
    (await askConfirm({
      title: "Run this job again?",
      body: "The job has completed. It runs once more, with the same payload, and its output is gone.",
      action: "Run again",
    }));
  if (sure) await retryJob(id);
}

async function duplicate({ id }: JobDetail): Promise<void> {
  const done = await act(() => client.jobs.duplicate(id), "Enqueued a copy: this is it");
  if (done !== null) navigate(`/jobs/${done.answer.id}`);
}

async function cancel({ id, state }: JobDetail): Promise<void> {
  const sure = await askConfirm({
    title: "Cancel this job?",
    body:
      state === "running"
        ? "The job runs now: its handler is asked to stop, and the job ends when the handler does."
        : "The job will not run. It can be retried later.",
    action: "Cancel the job",
    danger: true,
  });
  if (!sure) return;
  await act(
    () => client.jobs.cancel(id),
    ({ result }) => (result === "cancel-requested" ? "The job was asked to stop" : "The job is canceled"),
  );
}

async function remove({ id, type }: JobDetail): Promise<void> {
  const sure = await askConfirm({
    title: "Delete this job?",
    body: `The job of type ${type} is gone for good, with its payload, output and errors. This cannot be undone.`,
    action: "Delete the job",
    danger: true,
  });
  if (!sure) return;
  const done = await act(() => client.jobs.delete(id), "The job is deleted");
  if (done !== null) navigate("/jobs");
}
