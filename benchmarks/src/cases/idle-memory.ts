import { measureIdleWorker, PACKAGES_ARE_BUILT } from "../processes/measure-idle-worker.ts";
import type { BenchCase } from "./bench-case.ts";

/** (k) The memory of a worker that has nothing to do. */
export const idleMemory: BenchCase = {
  id: "k",
  title: "Memory of an idle worker",
  description: "resident memory of a process with one worker that has started and had no job since",
  metrics: [{ key: "rss", label: "RSS", unit: "MB", better: "lower" }],
  quick: false,
  variants: ({ idleMs }) => [
    {
      key: "idle",
      label: `${idleMs / 1_000} s idle, ${PACKAGES_ARE_BUILT ? "built packages" : "packages from source, not built"}`,
      value: idleMs,
    },
  ],
  roles: ["millrace"],
  skip: (adapter) => (adapter.id === "millrace" ? null : "the same while idle"),
  async run({ adapter, server, variant }) {
    const store = await server.openStore(adapter, { due: 0 });
    const rss = await measureIdleWorker({ url: store.url, idleMs: variant.value }).finally(store.drop);
    return { rss: rss / 1e6 };
  },
};
