import { Alertness } from "../domain/alertness.ts";
import { ClaimLanes } from "../domain/claim-lanes.ts";
import { ClaimPlanName } from "../domain/claim-plan.ts";
import { type QueueChoice, QueueWeights, queueNames } from "../domain/queue-weights.ts";
import { Run } from "../domain/run.ts";
import { claimJobs } from "../store/claim-jobs.ts";
import { discoverLanes } from "../store/discover-lanes.ts";
import type { Executor } from "../store/queryable.ts";
import type { Clock } from "./clock.ts";

/** What an intake needs. */
export interface IntakeOptions {
  db: Executor;
  clock: Clock;
  queues: readonly QueueChoice[];
  workerId: string;
  leaseSeconds: number;
  pollMs: number;
  /** Tells producers whether to notify this worker; null when it cannot be notified. */
  setAsleep: ((asleep: boolean) => Promise<void>) | null;
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

/**
 * After it has said that it sleeps, a worker looks once more this many ms later: an enqueue that asked who sleeps just
 * before may commit just after.
 */
const LAST_LOOK_MS = 20;

/** Starts claiming. */
export function startIntake(options: IntakeOptions): Intake {
  const { db, clock, pollMs, setAsleep } = options;
  const queues = queueNames(options.queues);
  const lanes = new ClaimLanes(queues);
  const weights = new QueueWeights(options.queues);
  const planName = new ClaimPlanName();
  const alertness = new Alertness(setAsleep !== null);
  let discoveredAt = Number.NEGATIVE_INFINITY;
  /** Whether there may be jobs for the next free slot. */
  let backlog = true;
  /** Whether someone enqueued since the claim under way was sent. */
  let woken = false;
  let toldAsleep = false;
  let current: Promise<void> | null = null;
  let stopped = false;
  let stopTimer = () => {};

  /** Claims once, and says after how many ms to look again; null when a slot or an enqueue is to decide. */
  async function claim(limit: number): Promise<number | null> {
    const startedAt = clock.now();
    if (startedAt - discoveredAt >= Math.min(DISCOVER_MS, pollMs)) {
      lanes.discovered(await discoverLanes(db, queues));
      discoveredAt = startedAt;
    }
    const sentAt = clock.now();
    const plan = lanes.plan(sentAt);
    woken = false;
    const { leaseSeconds, workerId } = options;
    const preparedAs = planName.current;
    const turns = weights.shares
      ? weights.plan(limit, new Set(plan.lanes.map((lane) => lane.queue)))
      : undefined;
    const { jobs, places } = await claimJobs(db, {
      lanes: plan.lanes,
      limit,
      leaseSeconds,
      workerId,
      turns,
      preparedAs,
    });
    const now = clock.now();
    const found = jobs.length;
    const tookMs = now - sentAt;
    lanes.claimed(plan, { count: found, places, now, tookMs });
    planName.claimed({ found, now, tookMs });
    if (turns !== undefined) weights.claimed(turns, { limit, counts: countByQueue(jobs) });
    const next = alertness.claimed({ found, limit, now });
    backlog = next.kind === "now" || woken;
    options.take(jobs.map((job) => new Run(job, sentAt)));
    const fellAsleep = await tellAsleep();
    if (backlog) return 0;
    if (next.kind === "soon") return next.ms;
    if (fellAsleep) {
      // Nobody is told of what was enqueued before, to a lane that held nothing when lanes were last looked for.
      discoveredAt = Number.NEGATIVE_INFINITY;
      return LAST_LOOK_MS;
    }
    // Resting is for when nothing is due; only a scan from the start has seen all.
    return plan.fromStart ? null : lanes.startDueIn(now);
  }

  /** Tells producers when it has changed whether this worker is to be notified. Returns whether it now is. */
  async function tellAsleep(): Promise<boolean> {
    if (setAsleep === null || alertness.asleep === toldAsleep) return false;
    const asleep = alertness.asleep;
    try {
      await setAsleep(asleep);
      toldAsleep = asleep;
      return asleep;
    } catch (error) {
      alertness.couldNotTell();
      options.onError(error);
      return false;
    }
  }

  function next(): void {
    if (stopped || current !== null) return;
    const limit = options.wanted();
    if (limit <= 0) {
      lookAgainIn(null);
      return;
    }
    stopTimer();
    current = claim(limit)
      .catch((error: unknown) => {
        // The next try is at the poll's beat: a database that is away is not asked in a tight loop.
        backlog = false;
        woken = false;
        options.onError(error);
        return null;
      })
      .then((ms) => {
        current = null;
        if (backlog || woken) next();
        else lookAgainIn(ms);
      });
  }

  function lookAgainIn(ms: number | null): void {
    if (stopped) return;
    stopTimer();
    // A tenth of jitter keeps a fleet that started together from polling together.
    const poll = pollMs * (0.95 + 0.1 * clock.random());
    const isPoll = ms === null || ms >= poll;
    stopTimer = clock.after(isPoll ? poll : ms, () => {
      if (isPoll) discoveredAt = Number.NEGATIVE_INFINITY;
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
      woken = true;
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

function countByQueue(jobs: readonly { queue: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of jobs) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}
