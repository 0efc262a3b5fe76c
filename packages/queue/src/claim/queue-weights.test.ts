import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkQueueChoices, type QueueChoice, QueueWeights } from "./queue-weights.ts";

/** What a claim by turns takes from backlogs, as the statement does: turn by turn, up to the limit. */
function take(weights: QueueWeights, backlog: Map<string, number>, limit: number): Map<string, number> {
  const active = new Set([...backlog].filter(([, jobs]) => jobs > 0).map(([queue]) => queue));
  const turns = weights.turns(limit, active);
  const counts = new Map<string, number>();
  let left = limit;
  for (const { queue, offset, most } of turns) {
    const there = Math.max(0, (backlog.get(queue) ?? 0) - offset);
    const taken = Math.min(there, most, left);
    left -= taken;
    if (taken > 0) counts.set(queue, (counts.get(queue) ?? 0) + taken);
  }
  weights.learn(turns, { limit, counts });
  for (const [queue, count] of counts) backlog.set(queue, (backlog.get(queue) ?? 0) - count);
  return counts;
}

function total(counts: Iterable<number>): number {
  return [...counts].reduce((sum, count) => sum + count, 0);
}

const ENDLESS = 1_000_000;

describe("queues with weights", () => {
  test("share claims of one job in turn, three of four to the one that weighs three", () => {
    const weights = new QueueWeights([
      { name: "a", weight: 3 },
      { name: "b", weight: 1 },
    ]);
    const backlog = new Map([
      ["a", ENDLESS],
      ["b", ENDLESS],
    ]);

    const order = Array.from({ length: 8 }, () => [...take(weights, backlog, 1).keys()].join());

    expect(order.join("")).toBe("aabaaaba");
  });

  test("leave to the others what one does not use, within the same claim", () => {
    const weights = new QueueWeights([
      { name: "a", weight: 3 },
      { name: "b", weight: 1 },
    ]);

    const counts = take(
      weights,
      new Map([
        ["a", 2],
        ["b", ENDLESS],
      ]),
      8,
    );

    expect(Object.fromEntries(counts)).toEqual({ a: 2, b: 6 });
  });

  test("save nothing up while they are empty", () => {
    const weights = new QueueWeights([
      { name: "a", weight: 1 },
      { name: "b", weight: 1 },
    ]);
    const backlog = new Map([
      ["a", ENDLESS],
      ["b", 0],
    ]);
    for (let n = 0; n < 50; n += 1) take(weights, backlog, 10);
    backlog.set("b", ENDLESS);

    expect(Object.fromEntries(take(weights, backlog, 10))).toEqual({ a: 5, b: 5 });
  });
});

describe("queues of which some have no weight", () => {
  test("share what those before them leave", () => {
    const weights = new QueueWeights(["urgent", { name: "a", weight: 1 }, { name: "b", weight: 1 }]);
    const backlog = new Map([
      ["urgent", 6],
      ["a", ENDLESS],
      ["b", ENDLESS],
    ]);

    expect(Object.fromEntries(take(weights, backlog, 4))).toEqual({ urgent: 4 });
    const rest = [take(weights, backlog, 4), take(weights, backlog, 4)];

    expect(rest[0]?.get("urgent")).toBe(2);
    expect(total(rest.map((counts) => counts.get("a") ?? 0))).toBe(3);
    expect(total(rest.map((counts) => counts.get("b") ?? 0))).toBe(3);
  });

  test("are an order and no share where none has a weight, or but one", () => {
    expect(new QueueWeights(["a", "b"]).shares).toBe(false);
    expect(new QueueWeights(["a", { name: "b", weight: 5 }, "c"]).shares).toBe(false);
  });
});

const queuesArbitrary = fc
  .array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 })
  .map((weights) => weights.map((weight, index) => ({ name: `q${index}`, weight })));

describe("over any weights and claims", () => {
  test("every queue with a backlog gets its share, to within a job for each queue and one claim", () => {
    fc.assert(
      fc.property(
        queuesArbitrary,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 80 }),
        (queues, limits) => {
          const weights = new QueueWeights(queues);
          const backlog = new Map(queues.map(({ name }) => [name, ENDLESS]));
          for (const limit of limits) expect(total(take(weights, backlog, limit).values())).toBe(limit);

          const claimed = total(limits);
          const weightSum = total(queues.map(({ weight }) => weight));
          for (const { name, weight } of queues) {
            const got = ENDLESS - (backlog.get(name) ?? 0);
            expect(Math.abs(got - (claimed * weight) / weightSum)).toBeLessThanOrEqual(queues.length);
          }
        },
      ),
    );
  });

  test("no slot idles while any queue has a job, and nothing is claimed that is not there", () => {
    const choices = fc
      .tuple(queuesArbitrary, fc.integer({ min: 0, max: 6 }))
      .map(([queues, plain]) =>
        queues.map((queue, index): QueueChoice => (index === plain ? queue.name : queue)),
      );
    const steps = fc.array(
      fc.record({ limit: fc.integer({ min: 1, max: 40 }), arrive: fc.array(fc.nat(30)) }),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(choices, steps, (queues, given) => {
        const weights = new QueueWeights(queues);
        const backlog = new Map<string, number>();
        for (const { limit, arrive } of given) {
          for (const [index, jobs] of arrive.entries()) {
            const queue = queues[index];
            if (queue === undefined) continue;
            const name = typeof queue === "string" ? queue : queue.name;
            backlog.set(name, (backlog.get(name) ?? 0) + jobs);
          }
          const there = total(backlog.values());
          expect(total(take(weights, backlog, limit).values())).toBe(Math.min(limit, there));
        }
      }),
    );
  });
});

describe("the choice of queues", () => {
  test.each([
    ["a weight of 0", [{ name: "a", weight: 0 }]],
    ["a weight above 1,000", [{ name: "a", weight: 1_001 }]],
    ["a broken weight", [{ name: "a", weight: 1.5 }]],
    [
      "two weights for one queue",
      [
        { name: "a", weight: 1 },
        { name: "a", weight: 2 },
      ],
    ],
    ["a name with and without a weight", ["a", { name: "a", weight: 2 }]],
  ] satisfies [string, QueueChoice[]][])("refuses %s", (_what, queues) => {
    expect(() => checkQueueChoices(queues)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  test("takes a name given twice for one", () => {
    expect(checkQueueChoices(["a", "b", "a"])).toEqual(["a", "b"]);
  });
});
