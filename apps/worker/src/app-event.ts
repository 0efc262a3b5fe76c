import type { WorkerEvent } from "@millrace/queue";
import type { ReconcileReport, SchedulerEvent } from "@millrace/scheduler";
import type { SchemaVersion } from "@millrace/schema/migrations";

/** A task's name, and the source of the task: `built-in`, or the path of a module. */
export interface TaskOrigin {
  name: string;
  from: string;
}

/** What a worker program reports about its database, its worker and its scheduler. */
export type AppEvent =
  | WorkerEvent
  | { kind: "scheduler"; event: SchedulerEvent }
  /** Names all tasks of the worker. `tasksDir` is undefined when the worker has only the built-in tasks. */
  | { kind: "tasks-loaded"; tasks: TaskOrigin[]; tasksDir: string | undefined }
  /** A module is still loading. Reported every 5 s. */
  | { kind: "task-module-slow"; file: string; waitedMs: number }
  /** The database now has the schedules that code declares. */
  | { kind: "schedules-reconciled"; report: ReconcileReport }
  /** The database does not answer. The program tries again until a signal stops it. */
  | { kind: "database-away"; error: unknown; retryInMs: number }
  /** The database is connected and migrated. `database` is an address without a password. */
  | { kind: "database-ready"; database: string; migrationsApplied: number }
  /** A newer release than this worker's has migrated the database. */
  | { kind: "schema-newer"; version: SchemaVersion }
  | { kind: "connection-lost"; error: Error }
  /** The port of health and metrics is open. */
  | { kind: "http-listening"; host: string; port: number };
