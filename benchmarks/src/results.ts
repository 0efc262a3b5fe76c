import type { Metric, Variant } from "./cases/bench-case.ts";
import type { Machine } from "./machine.ts";
import { type Summary, summarize } from "./statistics.ts";

/** One run of one case by one peer. */
export interface Sample {
  caseId: string;
  variant: string;
  peer: string;
  round: number;
  measurement: Readonly<Record<string, number>>;
}

/** A run that failed, or a peer that takes no part. */
export interface Absence {
  caseId: string;
  peer: string;
  reason: string;
  /** True when a run failed; false when the peer was left out on purpose. */
  failed: boolean;
}

/** The fields of a peer that the results keep. */
export interface PeerInfo {
  id: string;
  label: string;
  role: "millrace" | "peer" | "floor";
  configuration: string;
  notes: readonly string[];
}

/** The fields of a case that the results keep. */
export interface CaseInfo {
  id: string;
  title: string;
  description: string;
  metrics: readonly Metric[];
  variants: readonly Variant[];
  compareVariants: boolean;
}

/** Everything that the benchmark measured. The JSON file holds this value; tables and charts are made from it. */
export interface Results {
  startedAt: string;
  machine: Machine;
  servers: readonly string[];
  sizes: Readonly<Record<string, unknown>>;
  peers: readonly PeerInfo[];
  cases: readonly CaseInfo[];
  samples: Sample[];
  absences: Absence[];
}

/** Summarizes one metric over the rounds. Returns null when no round measured the metric. */
export function summaryOf(
  results: Pick<Results, "samples">,
  of: { caseId: string; variant: string; peer: string; metric: string },
): Summary | null {
  const values = results.samples
    .filter((s) => s.caseId === of.caseId && s.variant === of.variant && s.peer === of.peer)
    .flatMap((sample) => sample.measurement[of.metric] ?? []);
  return values.length === 0 ? null : summarize(values);
}

/** Finds the best median of a metric among the peers, without Millrace and the floor. Null when no peer has results. */
export function bestPeer(
  results: Pick<Results, "samples" | "peers">,
  of: { caseId: string; variant: string; metric: Metric },
): { peer: PeerInfo; median: number } | null {
  const { caseId, variant, metric } = of;
  const medians = results.peers
    .filter((peer) => peer.role === "peer")
    .flatMap((peer) => {
      const summary = summaryOf(results, { caseId, variant, peer: peer.id, metric: metric.key });
      return summary === null ? [] : [{ peer, median: summary.median }];
    })
    .toSorted((a, b) => (metric.better === "higher" ? b.median - a.median : a.median - b.median));
  return medians[0] ?? null;
}
