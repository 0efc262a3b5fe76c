import type { WorkerRow } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { nowMs } from "../../state/clock.ts";
import { figureText } from "../../text/count-text.ts";
import { relativeText } from "../../text/duration.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { QueueLink } from "../../ui/links.tsx";
import { Time } from "../../ui/time.tsx";
import { WorkerRuns } from "./worker-runs.tsx";
import { slotShare, type WorkerStanding, workerStanding } from "./worker-standing.ts";

/** One worker: how it is and why, what it claims from, what it has done, and what it runs. */
export function WorkerCard({ worker }: { worker: WorkerRow }) {
  const standing = workerStanding(worker, (at) => relativeText(Date.parse(at), nowMs.value));
  return (
    <article class="worker" data-standing={standing.word} aria-label={`Worker ${worker.id}`}>
      <header class="worker-head">
        <h2 class="worker-id">{worker.id}</h2>
        <CopyButton text={worker.id} what="worker id" />
        <StandingBadge standing={standing} />
        <Slots worker={worker} />
      </header>
      {standing.why === null ? null : <p class="worker-why">{standing.why}</p>}
      <Facts worker={worker} />
      <WorkerRuns worker={worker} />
    </article>
  );
}

function StandingBadge({ standing: { word } }: { standing: WorkerStanding }) {
  return (
    <span class="standing" data-standing={word}>
      <Icon name={SHAPES[word]} />
      {word}
    </span>
  );
}

/** The words differ by their shapes, and not by their colours alone. */
const SHAPES: Readonly<Record<WorkerStanding["word"], IconName>> = {
  working: "running",
  waiting: "queued",
  paused: "pause",
  gone: "failed",
  unknown: "note",
};

function Slots({ worker }: { worker: WorkerRow }) {
  const share = slotShare(worker);
  const text =
    share === null ? `${worker.running} running` : `${worker.running} of ${worker.concurrency} slots`;
  return (
    <span class="slots">
      {share === null ? null : <meter min={0} max={1} value={share} aria-label="Slots taken" />}
      <span class="figure">{text}</span>
    </span>
  );
}

function Facts({ worker }: { worker: WorkerRow }) {
  const { counts } = worker;
  return (
    <dl class="facts">
      <Fact name="Release">{worker.release ?? "–"}</Fact>
      <Fact name="Started">
        <Time at={worker.startedAt} />
      </Fact>
      <Fact name="Seen">
        <Time at={worker.seenAt} />
      </Fact>
      <Fact name="Lease ends">
        <Time at={worker.leaseUntil} none="holds none" />
      </Fact>
      <Fact name="Queues" isWide>
        {worker.queues.length === 0
          ? "–"
          : worker.queues.map((queue) => <QueueName key={queue} queue={queue} />)}
      </Fact>
      <Fact name="Types" isWide>
        <Names names={worker.types} />
      </Fact>
      <Fact name="Since its start" isWide>
        {figureText(counts.completed)} completed, {figureText(counts.failed)} failed,{" "}
        {figureText(counts.retried)} retried, {figureText(counts.canceled)} canceled
      </Fact>
      <Fact name="Refused writes" isBad={counts.refused > 0} hint={REFUSED}>
        {figureText(counts.refused)}
      </Fact>
      <Fact name="Crashed runs" isBad={worker.crashed > 0} hint={CRASHED}>
        {figureText(worker.crashed)}
      </Fact>
    </dl>
  );
}

const REFUSED = "Writes about runs whose lease the worker had lost. They changed nothing.";
const CRASHED = "Runs that were taken back from the worker because their lease had ended.";

function QueueName({ queue }: { queue: string }) {
  return (
    <span class="name">
      <QueueLink queue={queue} />
    </span>
  );
}

/** How many names are shown before the rest is folded. */
const NAMES_MAX = 6;

function Names({ names }: { names: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (names.length === 0) return <>–</>;
  const shown = all ? names : names.slice(0, NAMES_MAX);
  return (
    <>
      {shown.map((name) => (
        <span key={name} class="name">
          {name}
        </span>
      ))}
      {shown.length === names.length ? null : (
        <button type="button" class="link-button more-names" onClick={() => setAll(true)}>
          {names.length - shown.length} more
        </button>
      )}
    </>
  );
}
