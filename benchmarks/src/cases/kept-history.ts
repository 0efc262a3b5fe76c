import type { Seed } from "../server/store.ts";
import type { Sizes } from "../sizes.ts";
import { type BenchCase, QUEUES, RATE, type Variant } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (f) A drain beside many more finished, failed and future jobs. */
export const keptHistory: BenchCase = {
  id: "f",
  title: "Drain with history and a future",
  description:
    "beside the drained jobs: finished ones, for a queue that keeps them, or failed ones; " +
    "and ones due in a month, for every queue",
  metrics: [RATE],
  compareVariants: true,
  quick: false,
  variants: ({ keptJobs, failedJobs, futureJobs }) => [
    { key: "clean", label: "clean", value: 0 },
    {
      key: "kept",
      label: `${count(keptJobs)} kept, ${count(futureJobs)} future`,
      value: 1,
    },
    {
      key: "failed",
      label: `${count(failedJobs)} failed, ${count(futureJobs)} future`,
      value: 2,
    },
  ],
  roles: QUEUES,
  skip: (adapter, variant) =>
    variant.key === "failed" && adapter.seedFailed === undefined
      ? "no quick way to give it failed jobs"
      : null,
  async run({ adapter, server, sizes, variant }) {
    const store = await server.openStore(adapter, { due: sizes.drainJobs, ...besideThem(variant, sizes) });
    const options = { adapter, jobs: sizes.drainJobs, processes: 1, limitMs: sizes.drainLimitMs };
    const { rate } = await drainStore(store, options).finally(store.drop);
    return { rate };
  },
};

const count = (jobs: number) => jobs.toLocaleString("en");

function besideThem(variant: Variant, { keptJobs, failedJobs, futureJobs }: Sizes): Omit<Seed, "due"> {
  if (variant.key === "kept") return { kept: keptJobs, future: futureJobs };
  return variant.key === "failed" ? { failed: failedJobs, future: futureJobs } : {};
}
