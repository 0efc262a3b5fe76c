import { runEnqueueProcess } from "../processes/run-enqueue-process.ts";
import { type BenchCase, QUEUES } from "./bench-case.ts";

/** (b) How fast jobs are enqueued while no worker runs. */
export const enqueue: BenchCase = {
  id: "b",
  title: "Enqueue",
  description:
    "the single-job call in one loop and in 100 concurrent loops, the bulk call with 1,000 and 10,000 jobs; no worker",
  metrics: [
    { key: "sequence", label: "one at a time", unit: "jobs/s", better: "higher" },
    { key: "concurrent", label: "100 callers", unit: "jobs/s", better: "higher" },
    { key: "bulk1000", label: "bulk of 1,000", unit: "jobs/s", better: "higher" },
    { key: "bulk10000", label: "bulk of 10,000", unit: "jobs/s", better: "higher" },
  ],
  quick: true,
  variants: () => [{ key: "all", label: "10 connections", value: 10 }],
  roles: QUEUES,
  async run({ adapter, server, sizes }) {
    const store = await server.openStore(adapter, { due: 0 });
    const spec = { adapterId: adapter.id, url: store.url, patternMs: sizes.enqueuePatternMs };
    return { ...(await runEnqueueProcess(spec).finally(store.drop)) };
  },
};
