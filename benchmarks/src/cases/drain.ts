import { type BenchCase, QUEUES, RATE, type RunContext } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (a) How fast a full queue empties. */
export const drain: BenchCase = {
  id: "a",
  title: "Drain",
  description: "trivial jobs that are all there; first handler start to nothing left in the database",
  metrics: [RATE],
  quick: true,
  variants: (sizes) =>
    sizes.workerProcesses.map((value) => ({
      key: `processes-${value}`,
      label: `${value} worker ${value === 1 ? "process" : "processes"}`,
      value,
    })),
  roles: QUEUES,
  async run({ adapter, server, sizes, variant, drainRates }) {
    const store = await server.openStore(adapter, { due: sizes.drainJobs });
    const options = { adapter, jobs: sizes.drainJobs, processes: variant.value, limitMs: sizes.drainLimitMs };
    const { rate } = await drainStore(store, options).finally(store.drop);
    if (variant.value === 1) drainRates.set(adapter.id, rate);
    return { rate };
  },
};

/** Returns the adapter's drain rate with one process, in jobs/s. Measures the rate when no case has measured it. */
export async function drainRateOf({ adapter, server, sizes, drainRates }: RunContext): Promise<number> {
  const known = drainRates.get(adapter.id);
  if (known !== undefined) return known;
  const jobs = Math.min(sizes.drainJobs, 50_000);
  const store = await server.openStore(adapter, { due: jobs });
  const { rate } = await drainStore(store, { adapter, jobs, processes: 1, limitMs: 5_000 }).finally(
    store.drop,
  );
  drainRates.set(adapter.id, rate);
  return rate;
}
