import type { Run } from "../run/run.ts";
import { type ClaimAction, type ClaimEvent, type ClaimMode, firstMode, nextMode } from "./claim-mode.ts";
import { LaneLookTimes } from "./lane-look-times.ts";
import { claimResult, type ObservedClaim } from "./observed-claim.ts";
import { QueueClaims, type QueueClaimsOptions } from "./queue-claims.ts";
import type { QueueChoice } from "./queue-weights.ts";

/** What a claim loop needs. */
export interface ClaimLoopOptions extends QueueClaimsOptions {
  pollMs: number;
  /** Writes whether producers must notify this worker; null when it cannot be notified. */
  setAsleep: ((asleep: boolean) => Promise<void>) | null;
  /** How many jobs the worker has room for now. */
  wanted(): number;
  /** Takes the claimed runs. */
  take(runs: Run[]): void;
  onError(error: unknown): void;
  /** Called for each claim; absent if nobody observes. */
  onClaim?: ((claim: ObservedClaim) => void) | undefined;
}

/** When a claim loop went round last, and how its last claim ended. */
export interface ClaimRound {
  /**
   * When a claim was answered last, or no job was wanted, by the worker's clock; null before the first time. A claim
   * that failed is no round.
   */
  at: number | null;
  /** Why the last claim failed; null if it did not. */
  error: unknown;
}

/**
 * Sends a worker's claims, one at a time. While there is a backlog, the next claim follows at once. Otherwise the loop
 * waits, at most until the poll.
 */
export interface ClaimLoop {
  /** The last round. */
  readonly lastRound: ClaimRound;
  /** A slot is free. Claims if the loop waits for a slot. */
  slotFreed(): void;
  /** A notice came: there may be due jobs in this lane, or, if no lane is given, in any lane. */
  wake(lane?: { queue: string; priority: number }): void;
  /** Claims from these queues from the next claim on, which follows at once. */
  setQueues(queues: readonly QueueChoice[]): void;
  /** Resolves when the claim that is under way now has ended. */
  settled(): Promise<void>;
  /** Sends no further claim until `goOn`. Resolves when the claim under way has ended. */
  hold(): Promise<void>;
  /** Claims again after `hold`. */
  goOn(): void;
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
  readonly #looks: LaneLookTimes;
  readonly #claims: QueueClaims;
  readonly #round: ClaimRound = { at: null, error: null };
  #isHeld = false;
  #mode: ClaimMode;
  /** The last statement that this loop sent, under way or answered. */
  #current: Promise<void> = Promise.resolve();
  /** Stops the running timer; null if no timer runs. */
  #stopTimer: (() => void) | null = null;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    this.#looks = new LaneLookTimes(Math.min(LOOK_EVERY_MS, options.pollMs));
    this.#claims = new QueueClaims(options, this.#looks);
    this.#mode = firstMode(options.setAsleep !== null);
  }

  start(): void {
    this.#act("claim");
  }

  get lastRound(): ClaimRound {
    return this.#round;
  }

  slotFreed(): void {
    // Called at the end of each job. Most of these calls need no claim.
    if (this.#mode.kind !== "waiting-for-slot" || this.#wanted <= 0) return;
    this.#happened({ kind: "slot-freed" });
  }

  wake(lane?: { queue: string; priority: number }): void {
    if (lane === undefined) this.#looks.ask();
    else this.#claims.heardOf(lane);
    this.#happened({ kind: "woken" });
  }

  setQueues(queues: readonly QueueChoice[]): void {
    this.#claims.setQueues(queues);
    this.#happened({ kind: "woken" });
  }

  async settled(): Promise<void> {
    await this.#current;
  }

  async hold(): Promise<void> {
    this.#isHeld = true;
    await this.#current;
  }

  goOn(): void {
    this.#isHeld = false;
    this.wake();
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
      case "write-asleep":
        this.#await(this.#writeAsleep(true));
        break;
      case "write-awake":
        this.#await(this.#writeAsleep(false));
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
    const limit = this.#wanted;
    if (limit <= 0) {
      this.#round.at = this.#options.clock.now();
      this.#happened({ kind: "nothing-wanted" });
      return;
    }
    this.#endTimer();
    this.#await(this.#claim(limit));
  }

  #await(work: Promise<ClaimEvent>): void {
    this.#current = work.then((event) => this.#happened(event));
  }

  get #wanted(): number {
    return this.#isHeld ? 0 : this.#options.wanted();
  }

  async #claim(limit: number): Promise<ClaimEvent> {
    const { clock, take, onClaim, onError } = this.#options;
    const sentAt = clock.now();
    try {
      const { runs, isFull, lanesFollow } = await this.#claims.claim(limit);
      const answeredAt = clock.now();
      this.#went(answeredAt, null);
      const found = runs.length;
      onClaim?.({ result: claimResult(found, isFull), jobs: found, durationMs: answeredAt - sentAt });
      take(runs);
      return { kind: "claimed", found, isFull, lanesFollow, now: clock.now() };
    } catch (error) {
      this.#looks.failed();
      this.#went(this.#round.at, error);
      onClaim?.({ result: "failed", jobs: 0, durationMs: clock.now() - sentAt });
      onError(error);
      return { kind: "failed" };
    }
  }

  #went(at: number | null, error: unknown): void {
    this.#round.at = at;
    this.#round.error = error;
  }

  /** Writes whether producers must notify this worker. */
  async #writeAsleep(asleep: boolean): Promise<ClaimEvent> {
    const { setAsleep, clock, onError } = this.#options;
    try {
      await setAsleep?.(asleep);
    } catch (error) {
      onError(error);
      return { kind: "not-written" };
    }
    this.#looks.wroteAsleep(asleep, clock.now());
    return { kind: "written" };
  }

  /** How long to rest, in ms; null: until the poll. */
  #restMs(): number | null {
    const now = this.#options.clock.now();
    const afterAsleepMs = this.#looks.lookAfterFallingAsleepIn(now);
    if (afterAsleepMs !== null) return afterAsleepMs;
    const lookMs = this.#looks.nextPartIn(now);
    const scanMs = this.#claims.scanDueIn(now);
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
