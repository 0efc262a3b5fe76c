import type { PoolCounts } from "@millrace/metrics";
import type { ObservedWorker, WorkerObserver } from "@millrace/queue";
import type { SchedulerEvent } from "@millrace/scheduler";
import type { AppEvent } from "./app-event.ts";
import type { Config } from "./config/config.ts";
import { createPool } from "./create-pool.ts";

/** The health checks and the metrics of a worker program, served at its port. */
export interface Monitoring {
  /** The observer of the worker, and of the scheduler's queue. */
  readonly observer: WorkerObserver;
  onSchedulerEvent(event: SchedulerEvent): void;
  /** Closes the port and the connections. */
  close(): Promise<void>;
}

/** What monitoring needs. */
export interface MonitoringOptions {
  config: Pick<Config, "databaseUrl" | "httpPort" | "httpHost" | "maxLoopDelayMs">;
  onEvent(event: AppEvent): void;
}

/**
 * One connection for the probes, and one for the metrics. They have a pool of their own: they take no connection from
 * jobs, and answer while jobs use all of theirs. An idle connection is closed after 10 s.
 */
const CONNECTIONS = 2;

/**
 * Opens the port of health and metrics. Returns null if no port is set: then the package is not loaded, because it
 * takes memory. The port is open before the worker has its database, so that probes can tell a worker that waits from
 * one that hangs. Throws an error with the code `CANNOT_LISTEN`.
 */
export async function startMonitoring(
  { config, onEvent }: MonitoringOptions,
  pools: Readonly<Record<string, PoolCounts>>,
): Promise<Monitoring | null> {
  const { databaseUrl, httpPort, httpHost: host, maxLoopDelayMs } = config;
  if (httpPort === undefined) return null;
  const { createHealth, createMetrics, createMonitor, serveMonitor } = await import("@millrace/metrics");
  const db = createPool({
    databaseUrl,
    applicationName: "millrace-monitor",
    connectionsMax: CONNECTIONS,
    onError: (error) => onEvent({ kind: "connection-lost", error }),
  });
  const workers: ObservedWorker[] = [];
  const metrics = createMetrics({ db, pools, nodeMetrics: true });
  const health = createHealth({ db, workers: () => workers, maxLoopDelayMs });
  const release = async () => {
    metrics.stop();
    health.stop();
    // A read that gets no answer must not delay the end of the program. The process ends the connection.
    void db.end();
  };
  try {
    const { port, close } = await serveMonitor(createMonitor({ health, metrics }), { port: httpPort, host });
    onEvent({ kind: "http-listening", host, port });
    return {
      observer: {
        ...metrics.observer,
        attached(worker) {
          metrics.observer.attached?.(worker);
          workers.push(worker);
        },
      },
      onSchedulerEvent: (event) => metrics.onSchedulerEvent(event),
      async close() {
        await close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
