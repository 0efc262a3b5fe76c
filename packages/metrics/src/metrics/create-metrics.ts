import { type Clock, checkFields, fieldNames, InvalidOptionError, systemClock } from "@millrace/base";
import type { ObservedWorker, WorkerObserver } from "@millrace/queue";
import type { SchedulerEvent } from "@millrace/scheduler";
import type { Pool } from "pg";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type LoopDelay, startLoopDelay } from "../health/loop-delay.ts";
import { registerDatabaseGauges } from "./database-gauges.ts";
import { JobMetrics } from "./job-metrics.ts";
import { type PoolCounts, registerProcessGauges } from "./process-gauges.ts";
import { ScheduleMetrics } from "./schedule-metrics.ts";

/** The options of `createMetrics`. All may be left out. */
export interface MetricsOptions {
  /**
   * The database whose queues, schema, sessions and tables to tell of. Read when somebody scrapes, at most every 10 s,
   * over one connection. Default: none, and the metrics of the database are left out.
   */
  db?: Pool;
  /** The registry of prom-client to register in. Default: one of its own. */
  registry?: Registry;
  /** Pools whose connections to count, by the value of the label `pool`. Default: `db`, as `main`. */
  pools?: Readonly<Record<string, PoolCounts>>;
  /** Whether to add the metrics of prom-client on the process and on Node: memory, CPU, garbage. Default false. */
  nodeMetrics?: boolean;
  /** Time, for tests. Default: `systemClock`. */
  clock?: Clock;
}

/** The metrics of one process. */
export interface Metrics {
  /** Give this to `createWorker` and `createQueue` as the option `observer`. */
  readonly observer: WorkerObserver;
  /** Give this the events of a scheduler: call it from `onEvent` of `createScheduler`. */
  onSchedulerEvent(event: SchedulerEvent): void;
  readonly registry: Registry;
  /** The content type of `text`. */
  readonly contentType: string;
  /** The metrics in the format of Prometheus. Waits for the database for 5 s at most. */
  text(): Promise<string>;
  /** Stops measuring the delay of the event loop. Without this call, a timer keeps the process alive. */
  stop(): void;
}

const FIELDS = fieldNames<MetricsOptions>({
  db: true,
  registry: true,
  pools: true,
  nodeMetrics: true,
  clock: true,
});

/**
 * Creates the metrics of the workers, queues and schedulers of this process. Loads prom-client. Throws
 * `InvalidOptionError` (`INVALID_OPTION`), and the error of prom-client if the registry has a metric of the same name.
 *
 * @example
 * const metrics = createMetrics({ db: pool });
 * const queue = createQueue(pool, { observer: metrics.observer });
 * const worker = createWorker({ db: pool, tasks, observer: metrics.observer });
 * app.get("/metrics", async (_request, response) => {
 *   response.type(metrics.contentType).send(await metrics.text());
 * });
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  checkFields("options", options, FIELDS);
  const { db, registry = new Registry(), clock = systemClock, nodeMetrics = false } = options;
  checkRegistry(registry);
  const workers: ObservedWorker[] = [];
  const jobs = new JobMetrics(registry);
  const schedules = new ScheduleMetrics(registry);
  const loopDelay: LoopDelay = startLoopDelay(clock);
  const pools = options.pools ?? (db === undefined ? {} : { main: db });
  registerProcessGauges(registry, { workers: () => workers, pools, loopDelay });
  if (db !== undefined) registerDatabaseGauges(registry, { pool: db, clock });
  if (nodeMetrics) collectDefaultMetrics({ register: registry });
  return {
    observer: observing(jobs, workers),
    onSchedulerEvent: (event) => schedules.event(event),
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    stop: () => loopDelay.stop(),
  };
}

/** The observer of the workers, and of the queues. Its functions may be called alone. */
function observing(jobs: JobMetrics, workers: ObservedWorker[]): WorkerObserver {
  return {
    attached: (worker) => void workers.push(worker),
    event: (event) => jobs.event(event),
    claimed: (claim) => jobs.claimed(claim),
    waited: (job, waitMs) => jobs.waited(job, waitMs),
    settled: (durationMs) => jobs.settled(durationMs),
    renewed: (counts) => jobs.renewed(counts),
    enqueued: (queue, count) => jobs.enqueued(queue, count),
  };
}

function checkRegistry(registry: unknown): void {
  if (typeof registry === "object" && registry !== null && "registerMetric" in registry) return;
  throw new InvalidOptionError("registry", "a Registry of prom-client", registry);
}
