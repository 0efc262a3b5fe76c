/** What a worker process is told when it is started, as JSON in its first argument. */
export interface WorkerSpec {
  adapterId: string;
  url: string;
  concurrency?: number;
  /** How long the handler waits on a timer; 0 returns at once. */
  handlerMs: number;
}

/** What the parent tells a worker process. */
export type WorkerCommand = { kind: "start" } | { kind: "stop" };

/** How far a worker process has come. Instants are `monotonicMs()`. */
export interface Progress {
  handled: number;
  firstStartAt: number | null;
  lastDoneAt: number | null;
  /** CPU time of this process from the first handler's start to the last's end. */
  cpuMs: number;
}

/** What a worker process tells the parent. */
export type WorkerMessage =
  | { kind: "ready" }
  | { kind: "progress"; progress: Progress }
  | { kind: "stopped" }
  | { kind: "report"; progress: Progress; latencies: number[] };

/** Whether something received is one of these messages, by the one field that every one has. */
export function isMessage<M extends { kind: string }>(value: unknown): value is M {
  return typeof value === "object" && value !== null && "kind" in value;
}
