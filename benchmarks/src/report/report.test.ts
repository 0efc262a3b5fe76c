import { describe, expect, test } from "vitest";
import type { PeerInfo, Results, Sample } from "../results.ts";
import { caseTables } from "./case-tables.ts";
import { svgChart } from "./svg-chart.ts";

const sample = (variant: string, peer: string, rate: number): Sample => ({
  caseId: "e",
  variant,
  peer,
  round: 0,
  measurement: { rate },
});

const peer = (id: string, role: PeerInfo["role"]): PeerInfo => ({
  id,
  label: `${id} <1>`,
  role,
  configuration: "",
  notes: [],
});

const benchCase = {
  id: "e",
  title: "Held",
  description: "a drain",
  metrics: [{ key: "rate", label: "jobs/s", unit: "jobs/s", better: "higher" as const }],
  variants: [
    { key: "clean", label: "clean", value: 0 },
    { key: "held", label: "held", value: 1 },
  ],
  compareVariants: true,
};

const results: Results = {
  startedAt: "2026-01-01T00:00:00.000Z",
  machine: { cpu: "x", cores: 2, memoryGb: 1, system: "y", node: "v24" },
  servers: [],
  sizes: {},
  peers: [peer("ours", "millrace"), peer("theirs", "peer"), peer("best", "peer")],
  cases: [benchCase],
  samples: [
    sample("clean", "ours", 100),
    sample("held", "ours", 90),
    sample("held", "theirs", 30),
    sample("held", "best", 45),
  ],
  absences: [{ caseId: "e", peer: "other", reason: "no server", failed: false }],
};

describe("caseTables", () => {
  const text = caseTables(results, benchCase, "theirs");

  test("a row is set against the reference, the best peer and its own first variant", () => {
    const row = text.split("\n").filter((line) => line.startsWith("ours"))[1];

    expect(row?.split(/\s{2,}/)).toEqual(["ours <1>", "90", "90", "90", "3.00×", "2.00×", "0.90×"]);
  });

  test("a peer that was not measured is named with the reason", () => {
    expect(text).toContain("not measured: other: no server");
  });
});

describe("svgChart", () => {
  test("the longest bar fills the width, and labels are escaped", () => {
    const svg = svgChart(results);

    expect(svg).toContain('width="430.0"');
    expect(svg).toContain("ours &lt;1&gt;");
    expect(svg).not.toContain("<1>");
  });
});
