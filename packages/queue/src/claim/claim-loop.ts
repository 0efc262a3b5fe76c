import type { Clock, Executor } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { JobCanceledError } from "../errors.ts";
import { Run } from "../run/run.ts";
import { ByteLimit } from "./byte-limit.ts";
import { claimJobs } from "./claim-jobs.sql.ts";
import { ClaimLanes, type ClaimScan } from "./claim-lanes.ts";
import { type ClaimAction, type ClaimEvent, type ClaimMode, firstMode, nextMode } from "./claim-mode.ts";
import { findUnpausedLanes } from "./find-unpaused-lanes.sql.ts";
import { LaneLookTimes } from "./lane-look-times.ts";
import { PreparedClaim } from "./prepared-claim.ts";
import { type QueueChoice, QueueWeights, queueNames } from "./queue-weights.ts";

/** What a claim loop needs. */
export interface ClaimLoopOptions {
  db: Executor;
  clock: Clock;
  queues: readonly QueueChoice[];
  /** The types that the worker has tasks for. Jobs of other types stay queued. */
  types: readonly string[];
  /** Each job of these types gets a claim of its own. The set grows. */
  alone: ReadonlySet<string>;
  workerId: string;
  leaseSeconds: number;
  pollMs: number;
  /** Writes whether producers must notify this worker; null when it cannot be notified. */
  setAsleep: ((asleep: boolean) => Promise<void>) | null;
  /** How many jobs the worker has room for now. */
  wanted(): number;
  /** Takes the claimed runs. */
  take(runs: Run[]): void;
  /**
   * Takes the settings of the queues that have any, each time lanes were looked for. The settings are read before a
   * claim: at most 1 s before, or `pollMs` if it is shorter, or ten times as long as a look takes if one look cannot read
   * every lane.
   */
  learnQueueSettings(settings: ReadonlyMap<string, QueueSettings>): void;
  onError(error: unknown): void;
}

/**
 * Sends a worker's claims, one at a time. While there is a backlog, the next claim follows at once. Otherwise the loop
 * waits, at most until the poll.
 */
export interface ClaimLoop {
  /** A slot is free. Claims if the loop waits for a slot. */
  slotFreed(): void;
  /** A notice came: there may be due jobs in this lane, or, if no lane is given, in any lane. */
  wake(lane?: { queue: string; priority: number }): void;
  /** Sends no further claim. Resolves when the claim under way has ended. */
  stop(): Promise<void>;
}

/** Producers do not notify a worker that is awake. So a busy worker looks for lanes at least this often, in ms. */
const LOOK_EVERY_MS = 1_000;

/** How long an alert worker waits after a claim that left no due job, in ms. */
const WAIT_A_LITTLE_MS = 2;

/** Starts claiming. */
export function startClaimLoop(options: ClaimLoopOptions): ClaimLoop {
  const loop = new RunningClaimLoop(options);
  loop.start();
  return loop;
}

/** Does what `nextMode` says: claims, writes whether producers must notify this worker, or waits. */
class RunningClaimLoop implements ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #queues: readonly string[];
  readonly #lanes: ClaimLanes;
  readonly #looks: LaneLookTimes;
  readonly #weights: QueueWeights;
  readonly #byteLimit = new ByteLimit();
  readonly #prepared = new PreparedClaim();
  #mode: ClaimMode;
  /** The last statement that this loop sent, under way or answered. */
  #current: Promise<void> = Promise.resolve();
  /** Stops the running timer; null if no timer runs. */
  #stopTimer: (() => void) | null = null;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    this.#queues = queueNames(options.queues);
    this.#lanes = new ClaimLanes(this.#queues);
    this.#looks = new LaneLookTimes(Math.min(LOOK_EVERY_MS, options.pollMs));
    this.#weights = new QueueWeights(options.queues);
    this.#mode = firstMode(options.setAsleep !== null);
  }

  start(): void {
    this.#act("claim");
  }

  slotFreed(): void {
    // Called at the end of each job. Most of these calls need no claim.
    if (this.#mode.kind !== "waiting-for-slot" || this.#options.wanted() <= 0) return;
    this.#happened({ kind: "slot-freed" });
  }

  wake(lane?: { queue: string; priority: number }): void {
    if (lane === undefined) this.#looks.ask();
    else this.#lanes.heardOf(lane);
    this.#happened({ kind: "woken" });
  }

  async stop(): Promise<void> {
    this.#happened({ kind: "stop" });
    this.#endTimer();
    await this.#current;
  }

  #happened(event: ClaimEvent): void {
    const { mode, action } = nextMode(this.#mode, event);
    this.#mode = mode;
    this.#act(action);
  }

  #act(action: ClaimAction): void {
    switch (action) {
      case "claim":
        this.#claimWhatIsWanted();
        break;
      case "say-asleep":
        this.#await(this.#say(true));
        break;
      case "say-awake":
        this.#await(this.#say(false));
        break;
      case "wait-a-little":
        this.#wakeIn(WAIT_A_LITTLE_MS);
        break;
      case "rest":
        this.#wakeIn(this.#restMs());
        break;
      case "wait-for-slot":
        // Slots are freed often. To set a timer each time would cost more than the rest of a short job.
        if (this.#stopTimer === null) this.#wakeIn(null);
        break;
      case "wait-for-poll":
        this.#wakeIn(null);
        break;
      case "nothing":
        break;
    }
  }

  #claimWhatIsWanted(): void {
    const limit = this.#options.wanted();
    if (limit <= 0) {
      this.#happened({ kind: "nothing-wanted" });
      return;
    }
    this.#endTimer();
    this.#await(this.#claim(limit));
  }

  #await(work: Promise<ClaimEvent>): void {
    this.#current = work.then((event) => this.#happened(event));
  }

  async #claim(limit: number): Promise<ClaimEvent> {
    try {
      await this.#lookForLanes();
      const sentAt = this.#options.clock.now();
      const scan = this.#lanes.scan(sentAt);
      const { runs, isFull } = await this.#send(scan, { limit: this.#byteLimit.of(limit), sentAt });
      this.#options.take(runs);
      const now = this.#options.clock.now();
      return { kind: "claimed", found: runs.length, isFull, lanesFollow: scan.lastInTurn !== null, now };
    } catch (error) {
      this.#looks.failed();
      this.#options.onError(error);
      return { kind: "failed" };
    }
  }

  /** Looks for lanes if a look is due. */
  async #lookForLanes(): Promise<void> {
    const { db, clock } = this.#options;
    const beganAt = clock.now();
    const look = this.#looks.begin(beganAt);
    if (look === null) return;
    this.#lanes.lookBegins();
    const found = await findUnpausedLanes(db, { queues: this.#queues, after: look.after });
    this.#options.learnQueueSettings(found.queueSettings);
    this.#lanes.lookEnds(found);
    this.#looks.lookEnded({ next: found.next, beganAt, now: clock.now() });
  }

  /** Sends one claim, and learns from it. */
  async #send(
    scan: ClaimScan,
    { limit, sentAt }: { limit: number; sentAt: number },
  ): Promise<{ runs: Run[]; isFull: boolean }> {
    const { db, clock, types, leaseSeconds, workerId } = this.#options;
    const { lanes } = scan;
    const turns = this.#weights.shares
      ? this.#weights.turns(limit, new Set(lanes.map((lane) => lane.queue)))
      : undefined;
    const preparedAs = this.#prepared.name;
    const request = { lanes, limit, types, leaseSeconds, workerId, turns, preparedAs, recordsSuspects: true };
    const { jobs, bytes, claimSizes, details, cancelRequested, cutBy, ...batch } = await claimJobs(db, {
      ...request,
      alone: [...this.#options.alone],
    });
    const now = clock.now();
    const taken = { ...batch, count: jobs.length, isFull: cutBy !== null, now, tookMs: now - sentAt };
    this.#byteLimit.learn({ count: jobs.length, isCut: cutBy === "bytes" });
    this.#lanes.learn(scan, taken);
    this.#prepared.learn({ found: taken.count, now, tookMs: taken.tookMs });
    if (turns !== undefined) {
      // If the bytes cut the claim short, jobs that are missing do not mean that a queue had less than its share.
      const asked = cutBy === "bytes" ? jobs.length : limit;
      this.#weights.learn(turns, { limit: asked, counts: countByQueue(jobs) });
    }
    const runs = jobs.map((job, at) => new Run(job, sentAt, bytes[at], claimSizes[at], details[at]));
    for (const run of runs) {
      if (cancelRequested.has(run.job.id)) run.abort(new JobCanceledError(run.job.id));
    }
    return { runs, isFull: cutBy !== null };
  }

  /** Writes whether producers must notify this worker. */
  async #say(asleep: boolean): Promise<ClaimEvent> {
    const { setAsleep, clock, onError } = this.#options;
    try {
      await setAsleep?.(asleep);
    } catch (error) {
      onError(error);
      return { kind: "could-not-say" };
    }
    this.#looks.saidAsleep(asleep, clock.now());
    return { kind: "said" };
  }

  /** How long to rest, in ms; null: until the poll. */
  #restMs(): number | null {
    const now = this.#options.clock.now();
    const afterAsleepMs = this.#looks.lookAfterFallingAsleepIn(now);
    if (afterAsleepMs !== null) return afterAsleepMs;
    const lookMs = this.#looks.nextPartIn(now);
    const scanMs = this.#lanes.scanDueIn(now);
    return lookMs === null || scanMs === null ? (lookMs ?? scanMs) : Math.min(lookMs, scanMs);
  }

  /** Sets the timer to `ms`, or to the poll if the poll comes sooner or `ms` is null. */
  #wakeIn(ms: number | null): void {
    const { clock, pollMs } = this.#options;
    this.#endTimer();
    // Jitter of 5 % each way keeps workers that started together from polling together.
    const poll = pollMs * (0.95 + 0.1 * clock.random());
    const isPoll = ms === null || ms >= poll;
    this.#stopTimer = clock.after(isPoll ? poll : ms, () => {
      this.#stopTimer = null;
      if (isPoll) this.#looks.ask();
      this.#happened({ kind: "time-up" });
    });
  }

  #endTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }
}

function countByQueue(jobs: readonly { queue: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of jobs) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}
