import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metric, Variant } from "../cases/bench-case.ts";
import { machineLine } from "../machine.ts";
import { type CaseInfo, type PeerInfo, type Results, summaryOf } from "../results.ts";
import { formatNumber } from "./format-number.ts";
import { svgChart } from "./svg-chart.ts";
import { targetsOf } from "./targets.ts";

const COMMAND = "npx --yes pnpm@12 bench --standard";
const CHART = "performance/standard.svg";
const NONE = "–";

const HOW_TO_READ = `Read the ratios, not the rates: peers took turns in the same run, and the same case on the same
machine varied by a fifth from run to run, in bad minutes by a third. Every number is a median of the rounds, and
every ratio one median by another; the chart's lines go from the lowest to the highest round. How it is measured,
and what makes it fair: [benchmarks/README.md](../benchmarks/README.md).`;

const WHY = `Why the figures are what they are: [decision 32](decisions/0032-three-places.md) (where a job lives),
[decision 7](decisions/0007-claims-by-lane-from-a-mark.md) (how a claim finds it) and
[decision 8](decisions/0008-notify-only-sleepers.md) (who is woken for it).`;

/** Writes docs/performance.md and its chart into the folder of the docs. Returns the paths of both. */
export async function writePerformancePage(results: Results, docs: string): Promise<string[]> {
  const page = join(docs, "performance.md");
  const chart = join(docs, CHART);
  await mkdir(join(docs, "performance"), { recursive: true });
  await writeFile(page, performancePage(results));
  await writeFile(chart, svgChart(results));
  return [page, chart];
}

/** Writes the text of docs/performance.md. The standard benchmark's results are the only source of its figures. */
export function performancePage(results: Results): string {
  const { startedAt, machine, servers, cases } = results;
  const measured = new Set(results.samples.map((sample) => sample.peer));
  const peers = results.peers.filter(({ id }) => measured.has(id));
  return `${[
    "# Performance",
    `What \`${COMMAND}\` measured, in one run. The run writes this page: run it again instead of editing the page.`,
    [
      `- machine: ${machineLine(machine)}`,
      `- date: ${startedAt.slice(0, 10)}`,
      ...servers.map((server) => `- ${server}`),
    ].join("\n"),
    HOW_TO_READ,
    "## Targets",
    targetTable(results),
    WHY,
    "## Peers",
    peers.map(peerLine).join("\n"),
    "## Results",
    `All of them as a chart: [${CHART}](${CHART}).`,
    ...cases.flatMap((benchCase) => caseSection(results, benchCase)),
  ].join("\n\n")}\n`;
}

function targetTable(results: Results): string {
  const rows = targetsOf(results).map(({ target, measured, verdict }) => [target, measured, verdict]);
  return markdownTable(["target", "measured", ""], rows, ["---", "---", "---"]);
}

function peerLine({ label, configuration, notes }: PeerInfo): string {
  return `- **${label}**: \`${configuration}\`. ${notes.join("; ")}.`;
}

/** A column of a case's table: one metric of one variant. */
interface Column {
  variant: Variant;
  metric: Metric;
}

function caseSection(results: Results, benchCase: CaseInfo): string[] {
  const { id, title, description, variants, metrics } = benchCase;
  const [first] = variants;
  const setting = variants.length === 1 && first !== undefined ? ` (${first.label})` : "";
  const absences = results.absences
    .filter((absence) => absence.caseId === id)
    .map(({ peer, reason }) => `- not measured: ${labelOf(results, peer)}: ${reason}`);
  const columns = variants.flatMap((variant) => metrics.map((metric) => ({ variant, metric })));
  return [
    `### (${id}) ${title}`,
    `${description.slice(0, 1).toUpperCase()}${description.slice(1)}${setting}.`,
    ...caseTable(results, benchCase, columns),
    ...(absences.length === 0 ? [] : [absences.join("\n")]),
  ];
}

/** A row for each peer and a column for each number that some peer has. No table if no peer has any. */
function caseTable(results: Results, benchCase: CaseInfo, all: readonly Column[]): string[] {
  const columns = all.filter((column) =>
    results.peers.some((peer) => medianOf(results, benchCase, peer, column) !== null),
  );
  const peers = results.peers.filter((peer) =>
    columns.some((column) => medianOf(results, benchCase, peer, column) !== null),
  );
  if (columns.length === 0) return [];
  const head = ["", ...columns.map((column) => headOf(benchCase, column))];
  const rows = peers.map((peer) => [
    peer.label,
    ...columns.map((column) => cellOf(results, benchCase, peer, column)),
  ]);
  return [markdownTable(head, rows, ["---", ...columns.map(() => "---:")])];
}

function headOf({ variants, metrics }: CaseInfo, { variant, metric }: Column): string {
  const parts = variants.length > 1 ? [variant.label] : [];
  if (metrics.length > 1 || parts.length === 0) parts.push(metric.label);
  const said = parts.some((part) => part.includes(metric.unit));
  return said ? parts.join(", ") : [...parts, metric.unit].join(", ");
}

/** The median; in a case that compares variants, also as a part of the peer's own first variant. */
function cellOf(results: Results, benchCase: CaseInfo, peer: PeerInfo, column: Column): string {
  const median = medianOf(results, benchCase, peer, column);
  if (median === null) return NONE;
  const [first] = benchCase.variants;
  const text = formatNumber(median);
  if (!benchCase.compareVariants || first === undefined || first.key === column.variant.key) return text;
  const own = medianOf(results, benchCase, peer, { ...column, variant: first });
  return own === null || own === 0 ? text : `${text} (${Math.floor((median * 100) / own)}%)`;
}

function medianOf(results: Results, { id }: CaseInfo, peer: PeerInfo, column: Column): number | null {
  const at = { caseId: id, variant: column.variant.key, peer: peer.id, metric: column.metric.key };
  return summaryOf(results, at)?.median ?? null;
}

function labelOf(results: Results, peer: string): string {
  return results.peers.find(({ id }) => id === peer)?.label ?? peer;
}

function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  rule: readonly string[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}
