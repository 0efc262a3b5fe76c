import { reasonOf } from "@millrace/base";
import type { ObservedWorker, WorkerHealth } from "@millrace/queue";
import type { HealthCheck } from "./health-report.ts";

/**
 * A claim loop goes round at each poll at the latest, and then waits for the answer of the database. A loop that has
 * not gone round within so many polls hangs. A short poll is no reason to be impatient: a claim may take seconds on a
 * busy database.
 */
const ROUNDS = 3;
const ROUND_MS_MIN = 10_000;

/**
 * Leases are renewed when two thirds are left. With one third left, at least one renewal has failed. The worker aborts
 * its handlers when 15 % are left.
 */
const LEASE_PART_MIN = 1 / 3;

/** Checks whether a worker claims jobs, and keeps the leases of those that it runs. Names the worker in the details. */
export function checkWorker({ workerId, health }: { workerId: string; health: WorkerHealth }): HealthCheck[] {
  const say = (text: string) => `worker ${workerId} ${text}`;
  const { state } = health;
  const check = (name: string, ok: boolean, text: string): HealthCheck => ({ name, ok, detail: say(text) });
  if (state !== "running") return [check("worker", false, STATES[state])];
  return [
    check("worker", true, health.isPaused ? "is paused by its program, and claims nothing" : "runs"),
    check("claims", ...claimsFinding(health)),
    check("renewal", ...renewalFinding(health)),
  ];
}

/** What a probe is told while the process has no worker yet. */
export const NO_WORKER: HealthCheck = {
  name: "worker",
  ok: false,
  detail: "no worker was started yet: the program waits for its database or its modules",
};

/** Checks each worker. */
export function checkWorkers(workers: readonly ObservedWorker[]): HealthCheck[] {
  if (workers.length === 0) return [NO_WORKER];
  return workers.flatMap((worker) => checkWorker({ workerId: worker.workerId, health: worker.health() }));
}

const STATES = {
  created: "was not started",
  stopping: "is stopping: it claims nothing more, and lets its handlers end",
  stopped: "has stopped",
} as const;

function claimsFinding({ sinceRoundMs, pollMs, claimError }: WorkerHealth): [ok: boolean, text: string] {
  const limitMs = Math.max(ROUND_MS_MIN, ROUNDS * pollMs);
  const why = claimError === null ? "" : `; its last claim failed: ${reasonOf(claimError)}`;
  if (sinceRoundMs === null) return [false, `has not claimed yet${why}`];
  const ago = `went round its queues ${Math.round(sinceRoundMs)} ms ago`;
  return sinceRoundMs <= limitMs ? [true, `${ago}${why}`] : [false, `${ago}, more than ${limitMs} ms${why}`];
}

function renewalFinding({ leaseLeftMs, leaseMs, renewedBy }: WorkerHealth): [ok: boolean, text: string] {
  if (leaseLeftMs === null) return [true, `has no lease to renew (by its ${renewedBy})`];
  const left = `has ${Math.round(leaseLeftMs)} of ${leaseMs} ms left of the lease that ends first`;
  return leaseLeftMs >= leaseMs * LEASE_PART_MIN
    ? [true, left]
    : [false, `${left}: its ${renewedBy} did not renew in time`];
}
