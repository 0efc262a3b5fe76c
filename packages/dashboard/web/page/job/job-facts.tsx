import type { JobDetail } from "@millrace/api/client";
import { href } from "../../route/location.ts";
import { countText } from "../../text/count-text.ts";
import { durationText } from "../../text/duration.ts";
import { settingName, settingText } from "../../text/setting-text.ts";
import { Fact } from "../../ui/fact.tsx";
import { jobsHref, QueueLink } from "../../ui/links.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Tags } from "../../ui/tags.tsx";
import { Time } from "../../ui/time.tsx";

/** What is known of a job. Facts that the job does not have are left out. */
export function JobFacts({ job }: { job: JobDetail }) {
  return (
    <Panel title="Facts" tools={<a href={jobsHref({ type: job.type })}>All jobs of this type</a>}>
      <dl class="facts panel-body">
        <Times job={job} />
        <Fact name="Queue">
          <QueueLink queue={job.queue} />
        </Fact>
        <Fact name="Priority">{job.priority}</Fact>
        <Fact name="Attempts">
          {job.attempts} of {job.maxAttempts}
          {job.crashes === 0 ? "" : `, crashed ${countText(job.crashes, "time")}`}
        </Fact>
        <Origin job={job} />
        <Settings settings={job.settings} />
      </dl>
    </Panel>
  );
}

function Times({ job }: { job: JobDetail }) {
  const { state, createdAt, runAt, lastRunAt, finishedAt, leaseUntil, cancelRequestedAt, startBy } = job;
  const started = lastRunAt === null ? null : Date.parse(lastRunAt);
  return (
    <>
      <Fact name="Created">
        <Time at={createdAt} />
      </Fact>
      {state === "queued" ? (
        <Fact name="Due">
          <Time at={runAt} none="once the job that it waits for ends" />
        </Fact>
      ) : null}
      {lastRunAt === null ? null : (
        <Fact name={state === "queued" ? "Started last" : "Started"}>
          <Time at={lastRunAt} />
        </Fact>
      )}
      {finishedAt === null ? null : (
        <Fact name="Finished">
          <Time at={finishedAt} />
          {started === null ? null : (
            <span class="quiet">, after {durationText(Date.parse(finishedAt) - started)}</span>
          )}
        </Fact>
      )}
      {state === "running" && leaseUntil !== null ? (
        <Fact name="Lease ends">
          <Time at={leaseUntil} />
        </Fact>
      ) : null}
      {cancelRequestedAt === null ? null : (
        <Fact name="Asked to stop">
          <Time at={cancelRequestedAt} />
        </Fact>
      )}
      {startBy === null ? null : (
        <Fact name="Must start by">
          <Time at={startBy} />
        </Fact>
      )}
    </>
  );
}

/** Where the job comes from, and who runs it. */
function Origin({ job }: { job: JobDetail }) {
  const { workerId, idempotencyKey, tags, scheduleId, scheduleName, tickAt, traceId } = job;
  return (
    <>
      {workerId === null ? null : (
        <Fact name="Worker">
          <a href={href(`/workers?id=${encodeURIComponent(workerId)}`)}>{workerId}</a>
        </Fact>
      )}
      {idempotencyKey === null ? null : (
        <Fact name="Key" isWide={idempotencyKey.length > 40}>
          <a class="mono" href={jobsHref({ key: idempotencyKey })}>
            {idempotencyKey}
          </a>
        </Fact>
      )}
      {tags.length === 0 ? null : (
        <Fact name="Tags" isWide>
          <Tags tags={tags} />
        </Fact>
      )}
      {scheduleId === null ? null : (
        <Fact name="Schedule">
          {scheduleName === null ? (
            <a class="id" href={jobsHref({ schedule: scheduleId })}>
              {scheduleId}
            </a>
          ) : (
            <a href={href(`/schedules/${encodeURIComponent(scheduleName)}`)}>{scheduleName}</a>
          )}
        </Fact>
      )}
      {tickAt === null ? null : (
        <Fact name="Tick">
          <Time at={tickAt} absolute />
        </Fact>
      )}
      {traceId === null ? null : (
        <Fact name="Trace">
          <span class="id">{traceId}</span>
        </Fact>
      )}
    </>
  );
}

/** What the job was enqueued with, each setting by its name. */
function Settings({ settings }: { settings: JobDetail["settings"] }) {
  return (
    <>
      {Object.entries(settings).map(([name, value]) => (
        <Fact key={name} name={settingName(name)}>
          {settingText(name, value)}
        </Fact>
      ))}
    </>
  );
}
