import type { WorkerEvent } from "@millrace/queue";
import type { ReconcileReport, SchedulerEvent } from "@millrace/scheduler";
import type { SchemaVersion } from "@millrace/schema/migrations";

/** Where a task comes from: `built-in`, or the path of a module. */
export interface TaskOrigin {
  name: string;
  from: string;
}

/** What a worker program tells of itself: of its database, its worker and its scheduler. */
export type AppEvent =
  | WorkerEvent
  | { kind: "scheduler"; event: SchedulerEvent }
  /** All tasks of the worker. `tasksDir` is undefined when it has the built-in ones alone. */
  | { kind: "tasks-loaded"; tasks: TaskOrigin[]; tasksDir: string | undefined }
  /** Told again and again while a module loads. */
  | { kind: "task-module-slow"; file: string; waitedMs: number }
  /** The schedules that code declares were brought into the database. */
  | { kind: "schedules-reconciled"; report: ReconcileReport }
  /** Without a bound: the program waits for its database until it is told to stop. */
  | { kind: "database-away"; error: unknown; retryInMs: number }
  /** `database` is an address without a password. */
  | { kind: "database-ready"; database: string; migrationsApplied: number }
  /** The database was migrated by a newer release than this worker's. */
  | { kind: "schema-newer"; version: SchemaVersion }
  | { kind: "connection-lost"; error: Error };
