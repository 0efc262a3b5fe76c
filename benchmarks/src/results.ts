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
  /** Whether a run failed, rather than was left out on purpose. */
  failed: boolean;
}

/** A peer as the results name it. */
export interface PeerInfo {
  id: string;
  label: string;
  role: "millrace" | "peer" | "floor";
  configuration: string;
  notes: readonly string[];
}

/** A case as the results name it. */
export interface CaseInfo {
  id: string;
  title: string;
  description: string;
  metrics: readonly Metric[];
  variants: readonly Variant[];
  compareVariants: boolean;
}

/** Everything a run measured: what is written as JSON, and what tables and charts are made of. */
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

/** The summary of one metric over the rounds, or null when it was not measured. */
export function summaryOf(
  results: Pick<Results, "samples">,
  of: { caseId: string; variant: string; peer: string; metric: string },
): Summary | null {
  const values = results.samples
    .filter((s) => s.caseId === of.caseId && s.variant === of.variant && s.peer === of.peer)
    .flatMap((sample) => sample.measurement[of.metric] ?? []);
  return values.length === 0 ? null : summarize(values);
}

/** The best median that a peer, not Millrace and not the floor, has in a metric; null when no peer has one. */
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
