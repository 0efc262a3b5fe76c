import type { Metric } from "../cases/bench-case.ts";
import { bestPeer, type CaseInfo, type PeerInfo, type Results, summaryOf } from "../results.ts";
import { formatNumber, formatRatio } from "./format-number.ts";
import { textTable } from "./text-table.ts";

const NONE = "–";

/** Writes a case's results as text: for each variant, one table for each metric. */
export function caseTables(results: Results, benchCase: CaseInfo, referencePeer: string): string {
  const head = `(${benchCase.id}) ${benchCase.title}\n${benchCase.description}`;
  const blocks = benchCase.variants.flatMap((variant) =>
    benchCase.metrics.flatMap((metric) => {
      const rows = metricRows(results, { benchCase, variant: variant.key, metric, referencePeer });
      return rows === null
        ? []
        : [`${variant.label}, ${metric.label} (${metric.better} is better)\n${textTable(rows)}`];
    }),
  );
  const absent = results.absences
    .filter((absence) => absence.caseId === benchCase.id)
    .map((absence) => `not measured: ${absence.peer}: ${absence.reason}`);
  return [head, ...blocks, ...(absent.length === 0 ? [] : [absent.join("\n")])].join("\n\n");
}

interface MetricTable {
  benchCase: CaseInfo;
  variant: string;
  metric: Metric;
  referencePeer: string;
}

/** Null when the metric has no results. A ratio is the row's median divided by the other median. */
function metricRows(results: Results, table: MetricTable): string[][] | null {
  const { benchCase, variant, metric, referencePeer } = table;
  const at = (peer: string, where = variant) =>
    summaryOf(results, { caseId: benchCase.id, variant: where, peer, metric: metric.key });
  const measured = results.peers.filter((peer) => at(peer.id) !== null);
  if (measured.length === 0) return null;
  const best = bestPeer(results, { caseId: benchCase.id, variant, metric });
  const reference = at(referencePeer);
  const first = benchCase.variants[0]?.key;
  const ownRatio = benchCase.compareVariants && first !== undefined && first !== variant;
  const labelOf = (id: string) => results.peers.find((peer) => peer.id === id)?.label ?? id;

  const head = ["", "median", "min", "max"];
  if (reference !== null) head.push(`÷ ${labelOf(referencePeer)}`);
  if (best !== null) head.push(`÷ best peer (${best.peer.label})`);
  if (ownRatio) head.push("÷ own clean");
  const row = (peer: PeerInfo): string[] => {
    const summary = at(peer.id);
    if (summary === null) return [peer.label, NONE];
    const cells = [peer.label, ...[summary.median, summary.min, summary.max].map(formatNumber)];
    const ratio = (other: number | undefined) =>
      cells.push(other === undefined || other === 0 ? NONE : formatRatio(summary.median / other));
    if (reference !== null) ratio(reference.median);
    if (best !== null) ratio(best.median);
    if (ownRatio) ratio(at(peer.id, first)?.median);
    return cells;
  };
  return [head, ...measured.map(row)];
}
