import type { JobDetail } from "@millrace/api/client";
import { durationText } from "../../text/duration.ts";
import { ErrorView } from "../../ui/error-view.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Elapsed, Time } from "../../ui/time.tsx";
import { type AttemptSpan, attemptSpans } from "./attempt-spans.ts";

/** The runs of a job, one after the other: how long each waited and ran, and how it ended. */
export function Attempts({ job }: { job: JobDetail }) {
  const spans = attemptSpans(job);
  if (spans.length === 0) return null;
  const longest = Math.max(1, ...spans.map(({ runMs }) => runMs ?? 0));
  return (
    <Panel title="Attempts">
      <ol class="attempts">
        {spans.map((span, index) => (
          <Attempt key={index} span={span} longest={longest} />
        ))}
      </ol>
    </Panel>
  );
}

const OUTCOMES: Readonly<Record<string, { icon: IconName; state: string; text: string }>> = {
  retried: { icon: "retry", state: "failed", text: "failed, retried" },
  failed: { icon: "failed", state: "failed", text: "failed" },
  canceled: { icon: "canceled", state: "canceled", text: "canceled" },
  crashed: { icon: "warning", state: "failed", text: "crashed" },
  released: { icon: "queued", state: "queued", text: "given back" },
  completed: { icon: "completed", state: "completed", text: "completed" },
  running: { icon: "running", state: "running", text: "running" },
};

function Attempt({ span, longest }: { span: AttemptSpan; longest: number }) {
  const { attempt, outcome, startedAt, finishedAt, waitMs, runMs, workerId, error } = span;
  const { icon, state, text } = OUTCOMES[outcome] ?? { icon: "note", state: "queued", text: outcome };
  return (
    <li class="attempt">
      <div class="attempt-line">
        <span class="attempt-number">{attempt}</span>
        <span class="state" data-state={state}>
          <Icon name={icon} />
          {text}
        </span>
        <RunBar runMs={runMs} longest={longest} state={state} />
        <span class="attempt-figures">
          {runMs !== null ? `ran for ${durationText(runMs)}` : null}
          {outcome === "running" && startedAt !== null ? (
            <>
              runs for <Elapsed since={startedAt} />
            </>
          ) : null}
          {waitMs === null ? null : <span class="quiet">, waited {durationText(waitMs)}</span>}
        </span>
        <span class="attempt-when">
          <Time at={finishedAt ?? startedAt} />
        </span>
        {workerId === null ? null : <span class="quiet attempt-worker">on {workerId}</span>}
      </div>
      {error === null ? null : (
        <details class="attempt-error">
          <summary>{error.split("\n", 1)[0]}</summary>
          <ErrorView error={error} />
        </details>
      )}
    </li>
  );
}

/** The length of a run beside the longest one. The figure beside it says the same. */
function RunBar({ runMs, longest, state }: { runMs: number | null; longest: number; state: string }) {
  if (runMs === null) return <span />;
  const width = Math.max(1, (runMs / longest) * 100);
  return (
    <svg
      class="run-bar state"
      data-state={state}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect width="100" height="6" rx="1" class="run-bar-track" />
      <rect width={width} height="6" rx="1" fill="currentColor" />
    </svg>
  );
}
