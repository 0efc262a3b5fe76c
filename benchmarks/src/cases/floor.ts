import { type BenchCase, RATE } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (i) What the worker costs beyond its SQL statements. */
export const floorCase: BenchCase = {
  id: "i",
  title: "The floor",
  description: "the drain of (a), against the same statements in a bare loop with no engine",
  metrics: [RATE],
  quick: true,
  variants: () => [{ key: "drain", label: "one process", value: 1 }],
  roles: ["millrace", "floor"],
  async run({ adapter, server, sizes }) {
    const store = await server.openStore(adapter, { due: sizes.drainJobs });
    const options = { adapter, jobs: sizes.drainJobs, processes: 1, limitMs: sizes.drainLimitMs };
    const { rate } = await drainStore(store, options).finally(store.drop);
    return { rate };
  },
};
