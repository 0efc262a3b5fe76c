import { rounds } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import fc from "fast-check";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { record } from "../faults/effects.ts";
import { type Action, JobModel } from "./job-model.ts";
import { RealJobs } from "./real-jobs.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const SEQUENCES = rounds({ usual: 400, long: 1_000 });

const index = fc.nat(11);
const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      maxAttempts: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      worker: fc.nat(2),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("complete", "fail-for-good", "retry-now", "retry-later", "release", "extend"),
      lease: index,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel", "retry", "run-now", "elapse", "expire", "split-off"),
      job: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      job: index,
      maxAttempts: fc.integer({ min: 1, max: 3 }),
      due: fc.constantFrom("now", "later", "as before"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("recover" as const) }) },
);

// Its 20,000 steps are statements one after the other: beside other work they take minutes.
test(`${SEQUENCES} random lives of jobs go as the state machine says, stale writes included`, async () => {
  const counts = { sequences: 0, steps: 0, refused: 0, recovered: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 4, maxLength: 40, size: "max" }), async (steps) => {
      const model = new JobModel();
      const real = new RealJobs(pool, queue, `sequence-${counts.sequences}`);
      counts.sequences += 1;
      for (const step of steps) {
        const expected = model.apply(step);
        expect({ step, answer: await real.apply(step) }).toEqual({ step, answer: expected });
        counts.steps += 1;
        if (expected === "refused") counts.refused += 1;
        if (step.kind === "recover") counts.recovered += 1;
      }
      const rows = model.jobs.map(({ dueAt: _dueAt, claim: _claim, expired: _expired, ...job }) => job);
      expect(await real.rows()).toEqual(rows);
    }),
    // On failure fast-check tells the seed and the shrunken sequence.
    { numRuns: SEQUENCES },
  );

  expect(counts.refused).toBeGreaterThan(SEQUENCES / 10);
  await record("model of the state machine", counts);
}, 900_000);
