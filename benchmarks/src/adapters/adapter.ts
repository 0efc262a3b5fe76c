import type { Payload } from "../payload.ts";

/** One queue in one configuration, behind the operations that the cases need. */
export interface Adapter {
  /** As `--peers` names it. */
  readonly id: string;
  /** As tables and charts name it. */
  readonly label: string;
  readonly role: "millrace" | "peer" | "floor";
  readonly server: "postgres" | "redis";
  /** The settings that matter, as one line of the output. */
  readonly configuration: string;
  /** What makes its numbers better or worse than a like-for-like comparison would. */
  readonly notes: readonly string[];
  /** Whether a finished job stays in the database by default. */
  readonly keepsHistory: boolean;
  /** Brings an empty database to the peer's schema. */
  prepare(url: string): Promise<void>;
  openProducer(url: string): Promise<Producer>;
  openInspector(url: string): Promise<Inspector>;
  /** Connects a worker; nothing is claimed until `start`. */
  openWorker(options: WorkerRun): Promise<OpenedWorker>;
  /** Adds finished jobs, by whatever way is fast. Absent where a finished job is deleted. */
  seedKept?(url: string, count: number): Promise<void>;
  /** Adds jobs that are due in a month. */
  seedFuture(url: string, count: number): Promise<void>;
}

/** The peer's enqueue calls on connections of its own. */
export interface Producer {
  /** The single-job call. Resolves when the job is stored. */
  enqueueOne(payload: Payload): Promise<void>;
  /** The bulk call, once. Resolves when all jobs are stored. */
  enqueueMany(payloads: readonly Payload[]): Promise<void>;
  close(): Promise<void>;
}

/** Looks from outside at what a run has left to do. */
export interface Inspector {
  /** Whether a due job is queued or running. */
  unfinished(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a worker is to run, and where. */
export interface WorkerRun {
  url: string;
  /** Replaces the configuration's concurrency where a case varies it. */
  concurrency?: number | undefined;
  /** The handler. Returns nothing where it is done at once. */
  handle(payload: Payload): Promise<void> | undefined;
}

/** A worker that is connected. */
export interface OpenedWorker {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** How many connections a producer of any peer may use: the default of node-postgres and of every peer. */
export const PRODUCER_CONNECTIONS = 10;

/** The name of the one queue or task that all jobs go to. */
export const TASK = "bench";
