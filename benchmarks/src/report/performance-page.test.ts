import { describe, expect, test } from "vitest";
import { CASES } from "../cases/registry.ts";
import type { PeerInfo, Results, Sample } from "../results.ts";
import { STANDARD, sizesOf } from "../sizes.ts";
import { performancePage } from "./performance-page.ts";
import { targetsOf } from "./targets.ts";

const peer = (id: string, role: PeerInfo["role"] = "peer"): PeerInfo => ({
  id,
  label: `the ${id}`,
  role,
  configuration: "as it is",
  notes: ["one", "two"],
});

const sample = (
  [caseId, variant]: [string, string],
  peerId: string,
  measurement: Record<string, number>,
): Sample => ({ caseId, variant, peer: peerId, round: 0, measurement });

const results = (samples: Sample[]): Results => ({
  startedAt: "2026-03-04T05:06:07.000Z",
  machine: { cpu: "Fast", cores: 2, memoryGb: 8, system: "Linux 6", node: "v24" },
  servers: ["PostgreSQL 18: fsync on"],
  sizes: {},
  peers: [peer("millrace", "millrace"), peer("millrace-tuned", "millrace"), peer("graphile-batched")],
  cases: CASES.map((each) => ({
    ...each,
    compareVariants: each.compareVariants ?? false,
    variants: each.variants(sizesOf(STANDARD, each.id)),
  })),
  samples,
  absences: [{ caseId: "a", peer: "graphile-batched", reason: "it is away", failed: false }],
});

const targetOf = (samples: Sample[], start: string) =>
  targetsOf(results(samples)).find(({ target }) => target.startsWith(start));

describe("a target", () => {
  const drain = (variant: string, tuned: number, own: number, graphile: number) => [
    sample(["a", variant], "millrace-tuned", { rate: tuned }),
    sample(["a", variant], "millrace", { rate: own }),
    sample(["a", variant], "graphile-batched", { rate: graphile }),
  ];

  test("is met at its limit, by the tuned rate against the tuned peer", () => {
    expect(targetOf(drain("processes-1", 200, 150, 100), "drain, one worker")).toEqual({
      target: "drain, one worker: at least 2 × graphile-worker (batched)",
      measured: "2.00 × tuned, 1.50 × by default",
      verdict: "met",
    });
  });

  test("that is just missed does not look met", () => {
    expect(targetOf(drain("processes-1", 199.9, 150, 100), "drain, one worker")).toMatchObject({
      measured: "1.99 × tuned, 1.50 × by default",
      verdict: "missed",
    });
  });

  test("about each of two configurations is missed if one misses it", () => {
    const samples = [...drain("processes-1", 100, 100, 50), ...drain("processes-2", 120, 99, 50)];

    expect(targetOf(samples, "drain: two workers")).toMatchObject({
      measured: "1.20 × tuned, 0.99 × by default",
      verdict: "missed",
    });
  });

  test("compares medians", () => {
    const samples = [60, 90, 30].map((rate) => sample(["e", "held"], "millrace", { rate }));

    expect(
      targetOf([...samples, sample(["e", "clean"], "millrace", { rate: 65 })], "held snapshot"),
    ).toMatchObject({ measured: "92%, not measured", verdict: "met" });
  });

  test.each([
    [110, 1_000, "1.10 ×, 11% of the timers", "met"],
    [96, 101, "0.96 ×, 95% of the timers", "met"],
    [94, 101, "0.94 ×, 93% of the timers", "missed"],
  ])("of 1 ms handlers at %d jobs/s, where timers allow %d, is %s, %s", (rate, timers, measured, verdict) => {
    const samples = [
      sample(["g", "concurrency-4"], "millrace-tuned", { rate, timers }),
      sample(["g", "concurrency-4"], "graphile-batched", { rate: 100 }),
    ];

    expect(targetOf(samples, "handlers of 1 ms, concurrency 4:")).toMatchObject({ measured, verdict });
  });

  test.each([
    [100, 50_700, "met", "met"],
    [101, 50_701, "missed", "missed"],
  ])("of a renewal of 10,000 jobs with %d rows and %d bytes is %s and %s", (rows, wal, ofRows, ofWal) => {
    const samples = [sample(["j", "renewal"], "millrace", { rows, wal })];
    const renewal = targetsOf(results(samples)).filter(({ target }) => target.startsWith("renewal"));

    expect(renewal.map(({ verdict }) => verdict)).toEqual([ofRows, ofWal]);
  });

  test("without samples is not measured, never met", () => {
    const verdicts = targetsOf(results([])).map(({ verdict }) => verdict);

    expect(new Set(verdicts)).toEqual(new Set(["not measured", ""]));
  });

  test("is missing for the cost of one job at a time, which is compared by hand", () => {
    const samples = [sample(["l", "single"], "millrace", { serverCpu: 321 })];

    expect(targetOf(samples, "one job at a time")).toMatchObject({
      measured: "321 µs, not measured",
      verdict: "",
    });
  });
});

describe("the page", () => {
  const page = performancePage(
    results([
      sample(["e", "clean"], "millrace", { rate: 1_000 }),
      sample(["e", "held"], "millrace", { rate: 999 }),
      sample(["a", "processes-1"], "millrace", { rate: 5_000 }),
      sample(["k", "idle"], "millrace", { rss: 95.5 }),
    ]),
  );

  test("has command, machine and date at its head", () => {
    const head = page.split("\n").slice(0, 8).join("\n");

    expect(head).toContain("`npx --yes pnpm@12 bench --standard`");
    expect(head).toContain("- machine: 2 × Fast, 8 GB, Linux 6, Node v24");
    expect(head).toContain("- date: 2026-03-04");
    expect(head).toContain("- PostgreSQL 18: fsync on");
  });

  test("has a row for each target", () => {
    expect(page).toContain("| memory of an idle worker: at most 90 MB | 95.5 MB | missed |");
  });

  test("has a table for each case, with the columns and peers that were measured", () => {
    expect(page).toContain(
      ["|  | 1 worker process, jobs/s |", "|---|---:|", "| the millrace | 5,000 |"].join("\n"),
    );
  });

  test("sets a compared variant against the peer's own first variant", () => {
    expect(page).toContain("| the millrace | 1,000 | 999 (99%) |");
  });

  test("has the configuration of each peer that was measured", () => {
    expect(page).toContain("- **the millrace**: `as it is`. one; two.");
    expect(page).not.toContain("- **the graphile-batched**");
  });

  test("says who was not measured, and why", () => {
    expect(page).toContain("- not measured: the graphile-batched: it is away");
  });

  test("links its chart and the explanation of how it is measured", () => {
    expect(page).toContain("(performance/standard.svg)");
    expect(page).toContain("(../benchmarks/README.md)");
  });
});
