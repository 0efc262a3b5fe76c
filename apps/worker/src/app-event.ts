import type { WorkerEvent } from "@millrace/queue";
import type { ReconcileReport, SchedulerEvent } from "@millrace/scheduler";

/** What a worker program tells of itself: of its database, its worker and its scheduler. */
export type AppEvent =
  | WorkerEvent
  | { kind: "scheduler"; event: SchedulerEvent }
  /** The schedules that code declares were brought into the database. */
  | { kind: "schedules-reconciled"; report: ReconcileReport }
  /** Without a bound: the program waits for its database until it is told to stop. */
  | { kind: "database-away"; error: unknown; retryInMs: number }
  /** `database` is an address without a password. `migrationsNewer`: those that only a newer release knows. */
  | { kind: "database-ready"; database: string; migrationsApplied: number; migrationsNewer: number }
  | { kind: "connection-lost"; error: Error };
