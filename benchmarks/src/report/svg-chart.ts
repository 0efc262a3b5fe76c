import type { CaseInfo, PeerInfo, Results } from "../results.ts";
import { summaryOf } from "../results.ts";
import { formatNumber } from "./format-number.ts";

const WIDTH = 760;
const LABEL_WIDTH = 200;
const BAR_WIDTH = 430;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 22;
const PANEL_HEAD = 44;
const PANEL_GAP = 18;

const COLOURS: Readonly<Record<PeerInfo["role"], string>> = {
  millrace: "#1f6feb",
  peer: "#8b949e",
  floor: "#d4a72c",
};

interface Panel {
  title: string;
  unit: string;
  bars: readonly { label: string; colour: string; median: number; min: number; max: number }[];
}

/** Draws all cases as one SVG document. A panel has one bar for each peer: the median, with a line from min to max. */
export function svgChart(results: Results): string {
  const panels = results.cases.flatMap((benchCase) => panelsOf(results, benchCase));
  let y = PANEL_GAP;
  const drawn = panels.map((panel) => {
    const text = drawPanel(panel, y);
    y += PANEL_HEAD + panel.bars.length * ROW_HEIGHT + PANEL_GAP;
    return text;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" ` +
      'font-family="system-ui, sans-serif" font-size="12">',
    `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function panelsOf(results: Results, benchCase: CaseInfo): Panel[] {
  return benchCase.variants.flatMap((variant) =>
    benchCase.metrics.flatMap((metric) => {
      const bars = results.peers.flatMap((peer) => {
        const at = { caseId: benchCase.id, variant: variant.key, peer: peer.id, metric: metric.key };
        const summary = summaryOf(results, at);
        return summary === null ? [] : [{ label: peer.label, colour: COLOURS[peer.role], ...summary }];
      });
      const measured = `${variant.label}, ${metric.label}, ${metric.better} is better`;
      const title = `(${benchCase.id}) ${benchCase.title}: ${measured}`;
      return bars.length === 0 ? [] : [{ title, unit: metric.unit, bars }];
    }),
  );
}

function drawPanel(panel: Panel, top: number): string {
  const longest = Math.max(...panel.bars.map((bar) => bar.max), Number.MIN_VALUE);
  const x = (value: number) => LABEL_WIDTH + (value / longest) * BAR_WIDTH;
  const rows = panel.bars.map((bar, index) => {
    const y = top + PANEL_HEAD + index * ROW_HEIGHT;
    const middle = y + BAR_HEIGHT / 2;
    const length = (x(bar.median) - LABEL_WIDTH).toFixed(1);
    const min = x(bar.min).toFixed(1);
    const max = x(bar.max).toFixed(1);
    const afterMax = (x(bar.max) + 8).toFixed(1);
    const median = escapeXml(`${formatNumber(bar.median)} ${panel.unit}`);
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end" fill="#24292f">${escapeXml(bar.label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR_HEIGHT}" fill="${bar.colour}"/>`,
      `<line x1="${min}" x2="${max}" y1="${middle}" y2="${middle}" stroke="#24292f"/>`,
      `<text x="${afterMax}" y="${middle + 4}" fill="#24292f">${median}</text>`,
    ].join("\n");
  });
  const font = 'font-size="13" font-weight="600"';
  const title = `<text x="16" y="${top + 24}" ${font} fill="#24292f">${escapeXml(panel.title)}</text>`;
  return [title, ...rows].join("\n");
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
