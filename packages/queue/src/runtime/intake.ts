import { ClaimLanes } from "../domain/claim-lanes.ts";
import { Run } from "../domain/run.ts";
import { claimJobs } from "../store/claim-jobs.ts";
import { discoverLanes } from "../store/discover-lanes.ts";
import type { Executor } from "../store/queryable.ts";
import type { Clock } from "./clock.ts";

/** What an intake needs. */
export interface IntakeOptions {
  db: Executor;
  clock: Clock;
  queues: readonly string[];
  workerId: string;
  leaseSeconds: number;
  pollMs: number;
  /** How many jobs could be taken now. */
  wanted(): number;
  /** Takes what was claimed. */
  take(runs: Run[]): void;
  onError(error: unknown): void;
}

/** A worker's claims: one at a time, at once while there is a backlog, at the poll's beat while there is none. */
export interface Intake {
  /** A slot is free: claims when there may be something to claim. */
  slotFreed(): void;
  /** Someone enqueued, here or in another process. */
  wake(lane?: { queue: string; priority: number }): void;
  /** Claims no more, and waits for the claim under way. */
  stop(): Promise<void>;
}

/** Lanes nobody told of are looked for at least this often, in ms, while the worker is busy. */
const DISCOVER_MS = 1_000;

/** Starts claiming. */
export function startIntake(options: IntakeOptions): Intake {
  const { db, clock, pollMs } = options;
  const lanes = new ClaimLanes(options.queues);
  let discoveredAt = Number.NEGATIVE_INFINITY;
  /** Whether the last claim took all it asked for, or someone said that there are jobs. */
  let backlog = true;
  let current: Promise<void> | null = null;
  let stopped = false;
  let polling = false;
  let stopTimer = () => {};

  async function claim(limit: number): Promise<void> {
    const startedAt = clock.now();
    if (startedAt - discoveredAt >= Math.min(DISCOVER_MS, pollMs)) {
      lanes.discovered(await discoverLanes(db, options.queues));
      discoveredAt = startedAt;
    }
    const sentAt = clock.now();
    const plan = lanes.plan(sentAt);
    backlog = false;
    const { leaseSeconds, workerId } = options;
    const jobs = await claimJobs(db, { lanes: plan.lanes, limit, leaseSeconds, workerId });
    const now = clock.now();
    lanes.claimed(plan, jobs, { now, tookMs: now - sentAt });
    // Fewer than asked for means that nothing else is due; what is enqueued from now on is told or polled for.
    if (jobs.length === limit) backlog = true;
    options.take(jobs.map((job) => new Run(job, sentAt)));
  }

  function next(): void {
    if (stopped || current !== null) return;
    const limit = options.wanted();
    if (limit <= 0) {
      schedulePoll();
      return;
    }
    current = claim(limit)
      .catch((error: unknown) => {
        // The next try is at the poll's beat: a database that is away is not asked in a tight loop.
        backlog = false;
        options.onError(error);
      })
      .then(() => {
        current = null;
        if (stopped) return;
        if (backlog) next();
        else schedulePoll();
      });
  }

  function schedulePoll(): void {
    if (polling) return;
    polling = true;
    // A tenth of jitter keeps a fleet that started together from polling together.
    const waitMs = pollMs * (0.95 + 0.1 * clock.random());
    stopTimer = clock.after(waitMs, () => {
      polling = false;
      discoveredAt = Number.NEGATIVE_INFINITY;
      next();
    });
  }

  next();
  return {
    slotFreed() {
      if (backlog) next();
    },
    wake(lane) {
      if (lane === undefined) discoveredAt = Number.NEGATIVE_INFINITY;
      else lanes.heardOf(lane);
      backlog = true;
      next();
    },
    async stop() {
      stopped = true;
      stopTimer();
      await current;
    },
  };
}
