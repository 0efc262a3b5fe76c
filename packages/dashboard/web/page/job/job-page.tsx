import type { JobDetail, JobEvent } from "@millrace/api/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useEvents } from "../../data/use-events.ts";
import { useLoad } from "../../data/use-load.ts";
import { href } from "../../route/location.ts";
import type { PageProps } from "../../route/page-props.ts";
import { client } from "../../state/client.ts";
import { may } from "../../state/session.ts";
import { shortId } from "../../text/short-id.ts";
import { Banner } from "../../ui/banner.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorView } from "../../ui/error-view.tsx";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ProgressBar } from "../../ui/progress.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Attempts } from "./attempts.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { JobActions } from "./job-actions.tsx";
import { JobFacts } from "./job-facts.tsx";
import { JobJson } from "./job-json.tsx";
import { Why } from "./why/why.tsx";
import "./job.css";

/** How often a job is read again while its event stream is closed. */
const READ_EVERY_MS = 5_000;

/** How often a job is read again beside its event stream, which does not tell of everything. */
const FOLLOWED_EVERY_MS = 15_000;

/**
 * One job: what it is, why it does not run, what it did, and what can be done with it. Follows the job as it changes.
 */
export function JobPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const [latest, setLatest] = useState<JobEvent | null>(null);
  const [ended, setEnded] = useState(false);
  const known = useRef<JobDetail | undefined>(undefined);
  const reload = useRef(() => {});
  // The server ends the stream of a job that has ended. A retry begins another one.
  const { isOpen: following } = useEvents<JobEvent>(ended ? null : client.jobEventsUrl(id), (event) => {
    setLatest(event);
    if (known.current !== undefined && hasMoved(known.current, event)) reload.current();
  });
  const loaded = useLoad(() => client.jobs.get(id), `job ${id}`, {
    everyMs: following ? FOLLOWED_EVERY_MS : READ_EVERY_MS,
  });
  const { value, problem } = loaded;
  known.current = value;
  reload.current = loaded.reload;
  useEffect(() => setEnded(value !== undefined && hasEnded(value)), [value?.state]);
  const [editing, setEditing] = useState(false);
  // An address that holds no id is of no job, either.
  if (problem?.status === 404 || problem?.code === "INVALID_REQUEST")
    return <NoJob id={id} lastKnown={value} />;
  const job = value === undefined ? undefined : withEvent(value, latest);
  const onEdit = job?.state === "queued" && may("jobs.change") ? () => setEditing(true) : null;
  return (
    <>
      <PageHead title={job?.type ?? "Job"} name={`${job?.type ?? "Job"} ${shortId(id)}`}>
        {job === undefined ? null : <JobActions job={job} onEdit={onEdit} />}
      </PageHead>
      <LoadView loaded={loaded}>
        {() => (job === undefined ? null : <JobView job={job} onEdit={onEdit} />)}
      </LoadView>
      {editing && job !== undefined ? <EditDialog job={job} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

const hasEnded = ({ state }: JobDetail) => state !== "queued" && state !== "running";

/** Whether so much has changed that the whole job is to be read again. Progress comes with the event. */
const hasMoved = (job: JobDetail, event: JobEvent) =>
  job.state !== event.state || job.attempts !== event.attempts || job.runAt !== event.runAt;

/** A job with what the last event says of it, where the event is newer. */
function withEvent(job: JobDetail, event: JobEvent | null): JobDetail {
  if (event === null || event.id !== job.id || event.updatedAt < job.updatedAt) return job;
  return { ...job, progress: event.progress };
}

function JobView({ job, onEdit }: { job: JobDetail; onEdit: (() => void) | null }) {
  return (
    <>
      <JobLine job={job} />
      {job.state === "failed" ? <JobError title="Error" error={job.error} /> : null}
      {job.state === "completed" ? null : (
        <Why id={job.id} queue={job.queue} state={job.state} onEdit={onEdit} />
      )}
      <JobFacts job={job} />
      {job.state === "failed" ? null : <JobError title="Last error" error={job.error} />}
      <JobJson job={job} />
      <Attempts job={job} />
    </>
  );
}

/** The error of a job: the first thing to look for on the page of a failed one. */
function JobError({ title, error }: { title: string; error: string | null }) {
  if (error === null) return null;
  return (
    <Panel title={title}>
      <div class="panel-body">
        <ErrorView error={error} />
      </div>
    </Panel>
  );
}

/** The state of a job, how far it is, and its id. */
function JobLine({ job: { id, state, progress, cancelRequestedAt } }: { job: JobDetail }) {
  return (
    <p class="job-line">
      <StateBadge state={state} />
      {cancelRequestedAt === null || state !== "running" ? null : <span class="quiet">asked to stop</span>}
      {state === "running" ? <ProgressBar progress={progress} /> : null}
      <span class="job-id">
        <code>{id}</code>
        <CopyButton text={id} what="job id" />
      </span>
    </p>
  );
}

/** A job that is not there: it never was, or was deleted while the page was open. */
function NoJob({ id, lastKnown }: { id: string; lastKnown: JobDetail | undefined }) {
  return (
    <>
      <PageHead title="No such job" name="No job" />
      {lastKnown === undefined ? null : (
        <Banner kind="error">
          <strong>Deleted.</strong> The job of type {lastKnown.type} is gone.
        </Banner>
      )}
      <Empty title={`No job has the id ${id}.`}>
        It may have been deleted, or its retention may be over. <a href={href("/jobs")}>See the jobs</a>
      </Empty>
    </>
  );
}
