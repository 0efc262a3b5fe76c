/** The first argument of a worker process, as JSON. */
export interface WorkerSpec {
  adapterId: string;
  url: string;
  concurrency?: number;
  /** How long the handler waits on a timer. With 0 the handler returns at once. */
  handlerMs: number;
}

/** A message from the parent to a worker process. */
export type WorkerCommand = { kind: "start" } | { kind: "stop" };

/** What a worker process has done so far. Instants are `monotonicMs()`. */
export interface Progress {
  handled: number;
  firstStartAt: number | null;
  lastDoneAt: number | null;
  /** CPU time of the process from the first handler's start until this report, in ms. */
  cpuMs: number;
}

/** A message from a worker process to the parent. */
export type WorkerMessage =
  | { kind: "ready" }
  | { kind: "progress"; progress: Progress }
  | { kind: "stopped" }
  | { kind: "report"; progress: Progress; latencies: number[] };

/** Whether a received value is a message. Checks only `kind`, the field that every message has. */
export function isMessage<M extends { kind: string }>(value: unknown): value is M {
  return typeof value === "object" && value !== null && "kind" in value;
}
