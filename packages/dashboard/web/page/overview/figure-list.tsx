import type { Overview } from "@millrace/api/client";
import { href } from "../../route/location.ts";
import { Icon } from "../../ui/icons.tsx";
import { jobsHref } from "../../ui/links.tsx";
import { Time } from "../../ui/time.tsx";
import { type Figure, figuresOf } from "./figures.ts";
import { sparklinePath } from "./sparkline.ts";
import type { Sample } from "./trail.ts";

/** The figures of now, each a link to its page. */
export function Figures({ overview, trail }: { overview: Overview; trail: readonly Sample[] }) {
  return (
    <dl class="figures overview-figures">
      {figuresOf(overview).map((figure) => (
        <FigureView key={figure.id} figure={figure} overview={overview} trail={trail} />
      ))}
    </dl>
  );
}

function FigureView({
  figure: { id, label, value, detail, tone },
  overview,
  trail,
}: {
  figure: Figure;
  overview: Overview;
  trail: readonly Sample[];
}) {
  return (
    <div class="overview-figure" data-tone={tone}>
      <dt>
        <a href={PAGES[id]()}>{label}</a>
      </dt>
      <dd>
        {tone === "plain" ? null : <Icon name="warning" />}
        {value}
        <Sparkline id={id} trail={trail} />
      </dd>
      <dd class="figure-detail">
        {detail}
        {id === "schedules" ? <NextTick at={overview.schedules.nextRunAt} now={overview.at} /> : null}
      </dd>
    </div>
  );
}

const PAGES: Readonly<Record<Figure["id"], () => string>> = {
  queued: () => jobsHref({ state: "queued" }),
  due: () => jobsHref({ state: "queued", order: "oldest-due" }),
  running: () => jobsHref({ state: "running" }),
  oldest: () => jobsHref({ state: "queued", order: "oldest-due" }),
  workers: () => href("/workers"),
  paused: () => href("/queues"),
  schedules: () => href("/schedules"),
  lately: () => jobsHref({ state: "failed" }),
};

/** When the next tick is due. A tick that is late is no next tick: the figure tells of it. */
function NextTick({ at, now }: { at: string | null; now: string }) {
  return at === null || Date.parse(at) < Date.parse(now) ? null : (
    <>
      , next <Time at={at} />
    </>
  );
}

const SPARK = { width: 72, height: 20 };

/** How a figure went in the last minutes. For the eye alone: the figure itself is told. */
function Sparkline({ id, trail }: { id: Figure["id"]; trail: readonly Sample[] }) {
  if (id !== "queued" && id !== "due" && id !== "running") return null;
  const path = sparklinePath(
    trail.map((sample) => sample[id]),
    SPARK,
  );
  return (
    <svg class="sparkline" viewBox={`0 -1 ${SPARK.width} ${SPARK.height + 2}`} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
