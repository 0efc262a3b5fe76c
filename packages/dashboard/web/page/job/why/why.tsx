import { useLoad } from "../../../data/use-load.ts";
import { href } from "../../../route/location.ts";
import { client } from "../../../state/client.ts";
import { may } from "../../../state/session.ts";
import { EndStatement } from "../../../ui/end-statement.tsx";
import { Icon } from "../../../ui/icons.tsx";
import { JobLink, jobsHref } from "../../../ui/links.tsx";
import { LoadView } from "../../../ui/load-view.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { TextWithTimes } from "../../../ui/text-with-times.tsx";
import { Time } from "../../../ui/time.tsx";
import { resumeNow } from "../../queues/queue-actions.tsx";
import { retryJob, runJobNow } from "../job-commands.ts";
import { type Advice, type AdvisedReason, adviseOn } from "./reason-advice.ts";
import "./why.css";

/** What a job page can do that a reason asks for. */
export interface WhyActions {
  onEdit: (() => void) | null;
}

/**
 * Why a job is not running, or how it stands: every reason, and what can be done about it. Read again while live.
 * `state` chooses the heading.
 */
export function Why({ id, queue, state, onEdit }: { id: string; queue: string; state: string } & WhyActions) {
  const loaded = useLoad(() => client.jobs.explain(id), `why ${id} ${state}`, { everyMs: 3_000 });
  const title = state === "queued" ? "Why is it not running?" : "How it stands";
  return (
    <Panel title={title} kind="why">
      <LoadView loaded={loaded}>
        {({ reasons }) => (
          <ol class="reasons">
            {reasons.map((reason) => (
              <ReasonRow key={reason.code} reason={adviseOn(reason, { queue })} id={id} onEdit={onEdit} />
            ))}
          </ol>
        )}
      </LoadView>
    </Panel>
  );
}

const WEIGHT_ICONS = { blocks: "warning", waits: "schedules", note: "note" } as const;

function ReasonRow({ reason, id, onEdit }: { reason: AdvisedReason; id: string } & WhyActions) {
  const { heading, text, weight, advice, code } = reason;
  return (
    <li class="reason" data-weight={weight}>
      <Icon name={WEIGHT_ICONS[weight]} />
      <div>
        <h3>
          {heading} {heading.toLowerCase() === code ? null : <code class="quiet">{code}</code>}
        </h3>
        <p>
          <TextWithTimes text={text} />
        </p>
      </div>
      <div class="reason-advice">
        {advice.map((each) => (
          <AdviceRow key={each.kind} advice={each} id={id} onEdit={onEdit} />
        ))}
      </div>
    </li>
  );
}

/** A button or a link for an advice; nothing where this session may not follow it. */
function AdviceRow({ advice, id, onEdit }: { advice: Advice; id: string } & WhyActions) {
  switch (advice.kind) {
    case "resume":
      return may("queues.pause") ? (
        <Do label="Resume the queue" onClick={() => resumeNow(advice.queue)} />
      ) : (
        <a href={href("/queues")}>See the queue</a>
      );
    case "run-now":
      return may("jobs.run-now") ? <Do label="Run now" onClick={() => runJobNow(id)} /> : null;
    case "retry":
      return may("jobs.retry") ? <Do label="Retry" onClick={() => retryJob(id)} /> : null;
    case "edit":
      return onEdit === null ? null : <Do label="Edit" onClick={onEdit} />;
    case "workers":
      return <a href={href("/workers")}>See the workers</a>;
    case "job":
      return (
        <span>
          See <JobLink id={advice.id} />
        </span>
      );
    case "jobs-before":
      return (
        <a href={jobsHref({ queue: advice.queue, state: "queued", order: "oldest-due" })}>
          See the jobs before it
        </a>
      );
    case "end-transaction":
      return <EndTransaction pid={advice.pid} since={advice.since} />;
    default:
      return advice satisfies never;
  }
}

/** How to end a transaction, and since when it is open. */
function EndTransaction({ pid, since }: { pid: number; since: string | null }) {
  return (
    <div class="end-transaction">
      {since === null ? null : (
        <span class="quiet">
          Began <Time at={since} />. End its session with:
        </span>
      )}
      <EndStatement pid={pid} />
    </div>
  );
}

function Do({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="button small" onClick={onClick}>
      {label}
    </button>
  );
}
