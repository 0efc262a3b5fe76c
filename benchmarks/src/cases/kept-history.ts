import { type BenchCase, QUEUES, RATE } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (f) A drain beside many more finished and future jobs. */
export const keptHistory: BenchCase = {
  id: "f",
  title: "Drain with history and a future",
  description:
    "beside the drained jobs: finished ones, for a queue that keeps them, and ones due in a month, for every queue",
  metrics: [RATE],
  compareVariants: true,
  quick: false,
  variants: ({ keptJobs, futureJobs }) => [
    { key: "clean", label: "clean", value: 0 },
    {
      key: "kept",
      label: `${keptJobs.toLocaleString("en")} kept, ${futureJobs.toLocaleString("en")} future`,
      value: 1,
    },
  ],
  roles: QUEUES,
  async run({ adapter, server, sizes, variant }) {
    const others = variant.key === "kept" ? { kept: sizes.keptJobs, future: sizes.futureJobs } : {};
    const store = await server.openStore(adapter, { due: sizes.drainJobs, ...others });
    const options = { adapter, jobs: sizes.drainJobs, processes: 1, limitMs: sizes.drainLimitMs };
    const { rate } = await drainStore(store, options).finally(store.drop);
    return { rate };
  },
};
