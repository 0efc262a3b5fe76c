import { expect, test } from "vitest";
import { bestPeer, type PeerInfo, type Sample, summaryOf } from "./results.ts";

const sample = (peer: string, rate: number, round = 1): Sample => ({
  caseId: "a",
  variant: "v",
  peer,
  round,
  measurement: { rate },
});

const peer = (id: string, role: PeerInfo["role"]): PeerInfo => ({
  id,
  label: id,
  role,
  configuration: "",
  notes: [],
});

const results = {
  peers: [peer("m", "millrace"), peer("slow", "peer"), peer("fast", "peer"), peer("f", "floor")],
  samples: [sample("m", 90), sample("slow", 10), sample("slow", 30, 2), sample("fast", 50), sample("f", 99)],
};

test("a summary takes the rounds of one peer, case, variant and metric", () => {
  const summary = summaryOf(results, { caseId: "a", variant: "v", peer: "slow", metric: "rate" });

  expect(summary).toEqual({ median: 20, min: 10, max: 30, count: 2 });
});

test("what was not measured has no summary", () => {
  expect(summaryOf(results, { caseId: "a", variant: "v", peer: "slow", metric: "wal" })).toBeNull();
});

test.each([
  ["higher", "fast"],
  ["lower", "slow"],
] as const)("the best peer, where %s is better, is neither Millrace nor the floor", (better, expected) => {
  const metric = { key: "rate", label: "", unit: "", better };

  expect(bestPeer(results, { caseId: "a", variant: "v", metric })?.peer.id).toBe(expected);
});
