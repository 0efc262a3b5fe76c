import { RATE } from "../cases/bench-case.ts";
import { bestPeer, type Results, summaryOf } from "../results.ts";
import { formatNumber } from "./format-number.ts";

/** A target, what was measured, and whether that meets the target. */
export interface Target {
  target: string;
  measured: string;
  /** Empty for a figure that has no target. */
  verdict: "met" | "missed" | "not measured" | "";
}

/** A measured number with its limit, if it has one. */
interface Figure {
  value: number | null;
  least?: number;
  most?: number;
  show(value: number): string;
}

/** What one lease cost to renew before claims shared their lease, in bytes of write-ahead log. */
const RENEWAL_BYTES_ONCE = 507;

const GRAPHILE = "graphile-batched";

/** Sets the medians of a standard benchmark against the targets. */
export function targetsOf(results: Results): Target[] {
  const read = reader(results);
  return [
    ...drainTargets(read),
    ...handlerTargets(results, read),
    ...costTargets(read),
    ...latencyTargets(read),
    ...ownRateTargets(read),
    ...renewalTargets(results, read),
    row("memory of an idle worker: at most 90 MB", [
      { value: read("k", "idle", "millrace", "rss"), most: 90, show: unit("MB") },
    ]),
    row("a payload of 100 kB: WAL of at most 1.5 times the payload", [
      { value: read("m", "large", "millrace", "wal"), most: 1.5, show: unit("×") },
    ]),
    row("one job at a time: server CPU a job", [
      { value: read("l", "single", "millrace", "serverCpu"), show: unit("µs") },
      {
        value: read("l", "single", GRAPHILE, "serverCpu"),
        show: (value) => `graphile-worker ${unit("µs")(value)}`,
      },
    ]),
  ];
}

type Read = (caseId: string, variant: string, peer: string, metric: string) => number | null;

function reader(results: Results): Read {
  return (caseId, variant, peer, metric) =>
    summaryOf(results, { caseId, variant, peer, metric })?.median ?? null;
}

function drainTargets(read: Read): Target[] {
  const rate = (peer: string, processes: 1 | 2) => read("a", `processes-${processes}`, peer, "rate");
  const againstGraphile = (processes: 1 | 2, least: number): Figure[] => [
    {
      value: ratio(rate("millrace-tuned", processes), rate(GRAPHILE, processes)),
      least,
      show: (value) => `${times(floor(value))} tuned`,
    },
    {
      value: ratio(rate("millrace", processes), rate(GRAPHILE, processes)),
      show: (value) => `${times(floor(value))} by default`,
    },
  ];
  const twoByOne = (peer: string, name: string): Figure => ({
    value: ratio(rate(peer, 2), rate(peer, 1)),
    least: 1,
    show: (value) => `${times(floor(value))} ${name}`,
  });
  const defaultByTuned = (processes: 1 | 2, name: string): Figure => ({
    value: ratio(rate("millrace", processes), rate("millrace-tuned", processes)),
    least: 0.9,
    show: (value) => `${times(floor(value))} with ${name}`,
  });
  return [
    row("drain, one worker: at least 2 × graphile-worker (batched)", againstGraphile(1, 2)),
    row("drain, two workers: at least 1.6 × graphile-worker (batched)", againstGraphile(2, 1.6)),
    row("drain: two workers never slower than one", [
      twoByOne("millrace-tuned", "tuned"),
      twoByOne("millrace", "by default"),
    ]),
    row("drain, default settings: at least 0.9 × the tuned rate", [
      defaultByTuned(1, "one worker"),
      defaultByTuned(2, "two"),
    ]),
  ];
}

function handlerTargets(results: Results, read: Read): Target[] {
  return [4, 50].map((concurrency) => {
    const variant = `concurrency-${concurrency}`;
    const own = read("g", variant, "millrace-tuned", "rate");
    const best = bestPeer(results, { caseId: "g", variant, metric: RATE })?.median ?? null;
    return row(
      `handlers of 1 ms, concurrency ${concurrency}: at least 1.1 × the best peer, or 95% of what timers alone allow`,
      [
        { value: ratio(own, best), least: 1.1, show: (value) => times(floor(value)) },
        {
          value: ratio(own, read("g", variant, "millrace-tuned", "timers")),
          least: 0.95,
          show: (value) => `${percent(value)} of the timers`,
        },
      ],
      "any",
    );
  });
}

function costTargets(read: Read): Target[] {
  const cost = (metric: string) => read("h", "cost", "millrace", metric);
  return [
    row("WAL to run a job: at most 700 bytes", [{ value: cost("walRun"), most: 700, show: unit("bytes") }]),
    row("server CPU of a job: at most 12 µs", [{ value: cost("serverCpu"), most: 12, show: unit("µs") }]),
    row("worker CPU of a job: at most 6 µs", [{ value: cost("workerCpu"), most: 6, show: unit("µs") }]),
  ];
}

function latencyTargets(read: Read): Target[] {
  return ["p50", "p99"].map((metric) =>
    row(`idle latency: ${metric} at most 0.8 × graphile-worker (batched)`, [
      {
        value: ratio(read("c", "idle", "millrace", metric), read("c", "idle", GRAPHILE, metric)),
        most: 0.8,
        show: (value) => times(ceil(value)),
      },
    ]),
  );
}

/** Drains under a burden, against the same drain without it. */
function ownRateTargets(read: Read): Target[] {
  const part = (caseId: string, burdened: string, peer: string) =>
    ratio(read(caseId, burdened, peer, "rate"), read(caseId, "clean", peer, "rate"));
  const target = (name: string, caseId: string, burdened: string) =>
    row(`${name}: at least 90% of its own clean rate`, [
      { value: part(caseId, burdened, "millrace"), least: 0.9, show: percent },
      { value: part(caseId, burdened, GRAPHILE), show: (value) => `graphile-worker ${percent(value)}` },
    ]);
  return [
    target("held snapshot", "e", "held"),
    target("beside 1,000,000 ended and 1,000,000 future jobs", "f", "kept"),
    target("beside 1,000,000 failed and 1,000,000 future jobs", "f", "failed"),
  ];
}

function renewalTargets(results: Results, read: Read): Target[] {
  const jobs = results.cases.find(({ id }) => id === "j")?.variants[0]?.value ?? null;
  const figure = (metric: string) => read("j", "renewal", "millrace", metric);
  return [
    row("renewal of 10,000 waiting jobs: at most 1/100 of a row update for each", [
      { value: ratio(figure("rows"), jobs), most: 1 / 100, show: unit("rows") },
    ]),
    row(`renewal of 10,000 waiting jobs: at most 1/100 of ${RENEWAL_BYTES_ONCE} bytes of WAL for each`, [
      { value: ratio(figure("wal"), jobs), most: RENEWAL_BYTES_ONCE / 100, show: unit("bytes") },
    ]),
  ];
}

/** By `rule`, all figures that have a limit must keep it, or any of them. */
function row(target: string, figures: readonly Figure[], rule: "all" | "any" = "all"): Target {
  const measured = figures
    .map(({ value, show }) => (value === null ? "not measured" : show(value)))
    .join(", ");
  const kept = figures.flatMap((figure) =>
    figure.least === undefined && figure.most === undefined ? [] : [keepsLimit(figure)],
  );
  return { target, measured, verdict: verdictOf(kept, rule) };
}

function keepsLimit({ value, least, most }: Figure): boolean | null {
  if (value === null) return null;
  return (least === undefined || value >= least) && (most === undefined || value <= most);
}

function verdictOf(kept: readonly (boolean | null)[], rule: "all" | "any"): Target["verdict"] {
  if (kept.length === 0) return "";
  const deciding = rule === "any";
  if (kept.includes(deciding)) return deciding ? "met" : "missed";
  if (kept.includes(null)) return "not measured";
  return deciding ? "missed" : "met";
}

function ratio(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : value / by;
}

// Rounded away from the limit, so that no figure looks better than it is.
const floor = (value: number) => Math.floor(value * 100) / 100;
const ceil = (value: number) => Math.ceil(value * 100) / 100;

const times = (value: number) => `${value.toFixed(2)} ×`;
const percent = (value: number) => `${Math.floor(value * 100)}%`;
const unit = (name: string) => (value: number) => `${formatNumber(value)} ${name}`;
