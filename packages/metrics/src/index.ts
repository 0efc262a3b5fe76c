export { createHealth, type Health, type HealthOptions } from "./health/create-health.ts";
export type { HealthCheck, HealthReport } from "./health/health-report.ts";
export { createMetrics, type Metrics, type MetricsOptions } from "./metrics/create-metrics.ts";
export type { PoolCounts } from "./metrics/process-gauges.ts";
export { MonitorCannotListenError } from "./serve/cannot-listen-error.ts";
export {
  createMonitor,
  type Monitor,
  type MonitorAnswer,
  type MonitorOptions,
} from "./serve/create-monitor.ts";
export { type ServedMonitor, type ServeMonitorOptions, serveMonitor } from "./serve/serve-monitor.ts";
