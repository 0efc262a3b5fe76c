import { describe, expect, test } from "vitest";
import { adapterOf } from "./adapters/registry.ts";
import { type BenchCase, RATE } from "./cases/bench-case.ts";
import type { Results } from "./results.ts";
import { rotated, runCase } from "./run-cases.ts";
import { FULL, type Sizes } from "./sizes.ts";

test.each([
  [0, ["a", "b", "c"]],
  [1, ["b", "c", "a"]],
  [5, ["c", "a", "b"]],
])("round %d begins with another peer and leaves none out", (round, expected) => {
  expect(rotated(["a", "b", "c"], round)).toEqual(expected);
});

test("no peers rotate to none", () => {
  expect(rotated([], 3)).toEqual([]);
});

describe("runCase", () => {
  const unused = () => Promise.reject(new Error("not needed"));
  const postgres = {
    description: "",
    countsStatements: false,
    openStore: unused,
    cpuMs: async () => null,
    dropTemplates: async () => {},
    stop: async () => {},
  };

  async function run(sizes: Partial<Sizes>, skip?: BenchCase["skip"]) {
    const order: string[] = [];
    const results: Pick<Results, "samples" | "absences"> = { samples: [], absences: [] };
    const benchCase: BenchCase = {
      id: "x",
      title: "",
      description: "",
      metrics: [RATE],
      quick: true,
      roles: ["millrace", "peer"],
      variants: () => ["u", "v"].map((key) => ({ key, label: key, value: 0 })),
      ...(skip === undefined ? {} : { skip }),
      run: async ({ adapter, variant }) => {
        order.push(`${variant.key} ${adapter.id}`);
        return { rate: order.length };
      },
    };
    const all = { ...FULL, warmUpRounds: 0, rounds: 2, ...sizes };
    const whole: Results = {
      startedAt: "",
      machine: { cpu: "", cores: 1, memoryGb: 1, system: "", node: "" },
      servers: [],
      sizes: {},
      peers: [],
      cases: [],
      ...results,
    };
    const adapters = ["millrace", "graphile-batched", "pg-boss", "floor-1"].map(adapterOf);
    await runCase(
      benchCase,
      { sizes: all, adapters, postgres, redis: null, results: whole, onProgress() {} },
      new Map(),
    );
    return { order, results: whole };
  }

  test("has every variant in each round, so that a machine that slows down slows all of them", async () => {
    const { order } = await run({ perCase: { x: { peers: ["millrace", "pg-boss", "floor-1"] } } });

    expect(order).toEqual([
      ...["u millrace", "u pg-boss", "v millrace", "v pg-boss"],
      ...["u pg-boss", "u millrace", "v pg-boss", "v millrace"],
    ]);
  });

  test("throws the results of warm-up rounds away", async () => {
    const { order, results } = await run({ peers: ["millrace"], warmUpRounds: 1, rounds: 1 });

    expect(order).toHaveLength(4);
    expect(results.samples.map(({ round, measurement }) => [round, measurement["rate"]])).toEqual([
      [0, 3],
      [0, 4],
    ]);
  });

  test("says once why a peer takes no part in a variant", async () => {
    const { order, results } = await run({ peers: ["millrace", "pg-boss"] }, (adapter, variant) =>
      adapter.id === "pg-boss" && variant.key === "v" ? "it cannot" : null,
    );

    expect(order).not.toContain("v pg-boss");
    expect(order).toContain("u pg-boss");
    expect(results.absences).toEqual([{ caseId: "x", peer: "pg-boss", reason: "it cannot", failed: false }]);
  });
});
