import type { ObservedWorker, WorkerHealth } from "@millrace/queue";
import { Gauge, type Registry } from "prom-client";
import type { LoopDelay } from "../health/loop-delay.ts";

/** How many connections a pool has: a `pg.Pool` has these fields. */
export interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** What the gauges of the process tell of. */
export interface ProcessGaugesOptions {
  workers(): Iterable<ObservedWorker>;
  pools: Readonly<Record<string, PoolCounts>>;
  loopDelay: LoopDelay;
}

/** Registers the gauges of this process. They ask nobody, and are read when the registry is scraped. */
export function registerProcessGauges(registry: Registry, options: ProcessGaugesOptions): void {
  const { workers, pools, loopDelay } = options;
  const registers = [registry];
  const sumGauge = (name: string, help: string, read: (health: WorkerHealth) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        let sum = 0;
        for (const worker of workers()) sum += read(worker.health());
        this.set(sum);
      },
    });
  const claims = ({ state, isPaused }: WorkerHealth) => state === "running" && !isPaused;
  sumGauge("millrace_slots", "How many handlers may run at a time; 0 while no worker claims.", (health) =>
    claims(health) ? health.concurrency : 0,
  );
  sumGauge("millrace_slots_busy", "How many handlers run.", ({ running }) => running);
  sumGauge(
    "millrace_runs_held",
    "Runs with a lease: running, claimed ahead, or waiting for their write.",
    ({ held }) => held,
  );
  new Gauge({
    name: "millrace_claim_round_age_seconds",
    help: "How long ago the claim loop of a running worker went round; of several workers, the longest.",
    registers,
    collect() {
      const ages = [...workers()].map((worker) => worker.health()).filter(({ state }) => state === "running");
      if (ages.length === 0) this.remove();
      else this.set(Math.max(...ages.map(({ sinceRoundMs }) => sinceRoundMs ?? 0)) / 1_000);
    },
  });
  new Gauge({
    name: "millrace_event_loop_delay_seconds",
    help: "The longest delay of the event loop in the last 10 to 20 s.",
    registers,
    collect() {
      this.set(loopDelay.worstMs() / 1_000);
    },
  });
  registerPoolGauges(registry, pools);
}

function registerPoolGauges(registry: Registry, pools: ProcessGaugesOptions["pools"]): void {
  new Gauge({
    name: "millrace_pool_connections",
    help: "Connections of a pool, by state: busy or idle.",
    labelNames: ["pool", "state"],
    registers: [registry],
    collect() {
      for (const [pool, { totalCount, idleCount }] of Object.entries(pools)) {
        this.set({ pool, state: "busy" }, totalCount - idleCount);
        this.set({ pool, state: "idle" }, idleCount);
      }
    },
  });
  new Gauge({
    name: "millrace_pool_waiting",
    help: "How many callers wait for a connection of a pool.",
    labelNames: ["pool"],
    registers: [registry],
    collect() {
      for (const [pool, { waitingCount }] of Object.entries(pools)) this.set({ pool }, waitingCount);
    },
  });
}
