import type { Payload } from "../payload.ts";

/** One queue in one configuration, behind the operations that the cases need. */
export interface Adapter {
  /** The name that `--peers` takes. */
  readonly id: string;
  /** The name in tables and charts. */
  readonly label: string;
  readonly role: "millrace" | "peer" | "floor";
  readonly server: "postgres" | "redis";
  /** The settings that matter, as one line of the report. */
  readonly configuration: string;
  /** Where the adapter does more or less work than the others. The report prints these notes. */
  readonly notes: readonly string[];
  /** Whether a finished job stays in the database by default. */
  readonly keepsHistory: boolean;
  /** Creates the peer's schema in an empty store. */
  prepare(url: string): Promise<void>;
  openProducer(url: string): Promise<Producer>;
  openInspector(url: string): Promise<Inspector>;
  /** Connects a worker. The worker claims nothing until `start` is called. */
  openWorker(options: WorkerRun): Promise<OpenedWorker>;
  /** Adds finished jobs by the fastest way. Absent for an adapter that deletes finished jobs. */
  seedKept?(url: string, count: number): Promise<void>;
  /** Adds jobs that failed for good, by SQL. Absent for an adapter that takes no part beside failed jobs. */
  seedFailed?(url: string, count: number): Promise<void>;
  /** Adds jobs that are due in 30 days. */
  seedFuture(url: string, count: number): Promise<void>;
}

/** The peer's enqueue calls, on connections that only this producer uses. */
export interface Producer {
  /** Calls the peer's enqueue of one job. Resolves when the job is stored. */
  enqueueOne(payload: Payload): Promise<void>;
  /** Calls the peer's bulk enqueue once. Resolves when all jobs are stored. */
  enqueueMany(payloads: readonly Payload[]): Promise<void>;
  close(): Promise<void>;
}

/** Asks the store, from outside the workers, whether a run has work left. */
export interface Inspector {
  /** Whether a due job is queued or running. */
  unfinished(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a worker runs, and on which store. */
export interface WorkerRun {
  url: string;
  /** Replaces the configured concurrency, for a case that varies the concurrency. */
  concurrency?: number | undefined;
  /** The handler. Returns undefined instead of a promise when the handler ends at once. */
  handle(payload: Payload): Promise<void> | undefined;
}

/** A connected worker. */
export interface OpenedWorker {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** How many connections each producer may use. 10 is the default of node-postgres and of every peer. */
export const PRODUCER_CONNECTIONS = 10;

/** The name of the one queue or task that receives all jobs. */
export const TASK = "bench";
