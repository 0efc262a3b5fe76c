import type { WorkerOptions } from "../../../src/index.ts";

/** Where, between claim and completion, a child kills itself. */
export const KILL_POINTS = [
  "before claim commits",
  "after claim commits",
  "handler-start",
  "handler-end",
  "before completion commits",
  "after completion commits",
] as const;

/** One of the points. */
export type KillPoint = (typeof KILL_POINTS)[number];

/** What a child is told: JSON, as its one argument. */
export interface ChildOptions {
  url: string;
  /** Its worker id and its connections' application name. */
  name: string;
  queue: string;
  killAt?: KillPoint;
  poolMax?: number;
  connectionTimeoutMs?: number;
  /** Whether its handlers write down that they ended. Default true. */
  effects?: boolean;
  worker?: Pick<
    WorkerOptions,
    "concurrency" | "leaseSeconds" | "listen" | "maxBlockedMs" | "pollMs" | "renewal" | "shutdownGraceMs"
  >;
}

/** What a child tells. */
export type ChildEvent =
  | { kind: "error"; during: string; message: string }
  | { kind: "recovered"; count: number }
  | { kind: string; id?: string };
