import { useLoad } from "../data/use-load.ts";
import { href } from "../route/location.ts";
import { act } from "../state/act.ts";
import { client } from "../state/client.ts";
import { may } from "../state/session.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icons.tsx";
import { JobLink, jobsHref } from "../ui/links.tsx";
import { LoadView } from "../ui/load-view.tsx";
import { TextWithTimes } from "../ui/text-with-times.tsx";
import { Time } from "../ui/time.tsx";
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
    <section class="panel why" aria-labelledby="why-title">
      <header class="panel-head">
        <h2 id="why-title">{title}</h2>
      </header>
      <LoadView loaded={loaded}>
        {({ reasons }) => (
          <ol class="reasons">
            {reasons.map((reason) => (
              <ReasonRow key={reason.code} reason={adviseOn(reason, { queue })} id={id} onEdit={onEdit} />
            ))}
          </ol>
        )}
      </LoadView>
    </section>
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
        <Do label="Resume the queue" onClick={() => resume(advice.queue)} />
      ) : (
        <a href={href("/queues")}>See the queue</a>
      );
    case "run-now":
      return may("jobs.run-now") ? <Do label="Run now" onClick={() => runNow(id)} /> : null;
    case "retry":
      return may("jobs.retry") ? <Do label="Retry" onClick={() => retry(id)} /> : null;
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

/** The statement that ends a transaction, to run in the database: the dashboard has no right to. */
function EndTransaction({ pid, since }: { pid: number; since: string | null }) {
  const statement = `SELECT pg_terminate_backend(${pid});`;
  return (
    <div class="end-transaction">
      {since === null ? null : (
        <span class="quiet">
          Began <Time at={since} />. End its session with:
        </span>
      )}
      <span class="statement">
        <code>{statement}</code>
        <CopyButton text={statement} what="statement" />
      </span>
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

const resume = (queue: string) => act(() => client.queues.resume(queue), `Resumed the queue ${queue}`);
const runNow = (id: string) => act(() => client.jobs.runNow(id), "The job is due now");
const retry = (id: string) => act(() => client.jobs.retry(id), "The job is queued again");
