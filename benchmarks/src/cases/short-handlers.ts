import { countTimers } from "../processes/count-timers.ts";
import { type BenchCase, QUEUES, RATE } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

const HANDLER_MS = 1;

/** (g) How the rate grows with the concurrency when each handler waits 1 ms. */
export const shortHandlers: BenchCase = {
  id: "g",
  title: "Handlers of 1 ms",
  description:
    "each handler waits 1 ms on a timer; the concurrency is set to the same number for every peer; " +
    "timers alone: as many chains of the same timer, in a process that does nothing else",
  metrics: [RATE, { key: "timers", label: "what the timers alone allow", unit: "jobs/s", better: "higher" }],
  quick: false,
  variants: (sizes) =>
    sizes.handlerConcurrencies.map((value) => ({
      key: `concurrency-${value}`,
      label: `concurrency ${value}`,
      value,
    })),
  // The two configurations of Millrace differ in concurrency only, and this case sets the concurrency.
  roles: QUEUES,
  skip: (adapter) => (adapter.id === "millrace" ? "the same as tuned once concurrency is given" : null),
  async run({ adapter, server, sizes, variant }) {
    const jobs = Math.ceil((variant.value * sizes.handlerIdealMs) / HANDLER_MS / 1_000) * 1_000;
    const store = await server.openStore(adapter, { due: jobs });
    const options = {
      adapter,
      jobs,
      processes: 1,
      limitMs: sizes.drainLimitMs,
      concurrency: variant.value,
      handlerMs: HANDLER_MS,
    };
    const { rate } = await drainStore(store, options).finally(store.drop);
    if (adapter.role !== "millrace") return { rate };
    const timers = await countTimers({
      chains: variant.value,
      timerMs: HANDLER_MS,
      durationMs: sizes.timersMs,
    });
    return { rate, timers };
  },
};
