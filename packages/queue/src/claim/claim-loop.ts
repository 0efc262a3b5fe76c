import type { Clock, Executor } from "@millrace/base";
import { Run } from "../run/run.ts";
import { ByteLimit } from "./byte-limit.ts";
import { claimJobs } from "./claim-jobs.sql.ts";
import { ClaimLanes, type ClaimScan } from "./claim-lanes.ts";
import { Alertness } from "./claim-mode.ts";
import { discoverLanes, type FoundLane } from "./discover-lanes.sql.ts";
import { PreparedClaim } from "./prepared-claim.ts";
import { type QueueChoice, QueueWeights, queueNames } from "./queue-weights.ts";

/** What an intake needs. */
export interface ClaimLoopOptions {
  db: Executor;
  clock: Clock;
  queues: readonly QueueChoice[];
  /** The types that the worker has tasks for: jobs of others stay queued. */
  types: readonly string[];
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
export interface ClaimLoop {
  /** A slot is free: claims when there may be something to claim. */
  slotFreed(): void;
  /** Someone enqueued, here or in another process. */
  wake(lane?: { queue: string; priority: number }): void;
  /** Claims no more, and waits for the claim under way. */
  stop(): Promise<void>;
}

/** Lanes nobody told of are looked for at least this often, in ms, while the worker is busy. */
const DISCOVER_MS = 1_000;

/** Where lanes are too many for one look, the looks that follow take this part of the time. */
const LOOK_SHARE = 0.1;

/**
 * After it has said that it sleeps, a worker looks once more this many ms later: an enqueue that asked who sleeps just
 * before may commit just after.
 */
const LAST_LOOK_MS = 20;

/** Starts claiming. */
export function startClaimLoop(options: ClaimLoopOptions): ClaimLoop {
  const intake = new RunningClaimLoop(options);
  intake.claimWhatIsWanted();
  return intake;
}

class RunningClaimLoop implements ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #queues: readonly string[];
  readonly #lanes: ClaimLanes;
  readonly #weights: QueueWeights;
  readonly #byteLimit = new ByteLimit();
  readonly #prepared = new PreparedClaim();
  readonly #alertness: Alertness;
  /** When lanes are to be looked for; without end in the past: at the next claim. */
  #lookDueAt = Number.NEGATIVE_INFINITY;
  /** The lane after which the next look goes on; null when it begins anew. */
  #lookAfter: FoundLane | null = null;
  /** Whether all lanes are to be looked for once more, because of what came since the first of these looks began. */
  #lookAgain = false;
  /** Whether there may be jobs for the next free slot. */
  #backlog = true;
  /** Whether someone enqueued since the claim under way began. */
  #woken = false;
  #toldAsleep = false;
  /** When the last look after falling asleep is due; null when there is none to make. */
  #lastLookAt: number | null = null;
  #current: Promise<void> | null = null;
  #stopped = false;
  #stopTimer = () => {};
  /** Whether a timer will look again. */
  #isTimed = false;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    this.#queues = queueNames(options.queues);
    this.#lanes = new ClaimLanes(this.#queues);
    this.#weights = new QueueWeights(options.queues);
    this.#alertness = new Alertness(options.setAsleep !== null);
  }

  slotFreed(): void {
    if (this.#backlog) this.claimWhatIsWanted();
  }

  wake(lane?: { queue: string; priority: number }): void {
    if (lane === undefined) this.#lookSoon();
    else this.#lanes.heardOf(lane);
    this.#woken = true;
    this.#backlog = true;
    this.claimWhatIsWanted();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#current;
  }

  /** Claims, unless it does already or nothing is wanted, and sees to it that it is called again. */
  claimWhatIsWanted(): void {
    if (this.#stopped || this.#current !== null) return;
    const limit = this.#options.wanted();
    if (limit <= 0) {
      // What the last claim found says nothing about the time until a slot is free, which must not wait for the poll.
      this.#backlog = true;
      // Each freed slot comes here: a timer for each would cost more than the rest of a short job.
      if (!this.#isTimed) this.#lookAgainIn(null);
      return;
    }
    this.#stopTimer();
    this.#isTimed = false;
    this.#current = this.#claim(limit)
      .catch((error: unknown) => {
        // The next try is at the poll's beat: a database that is away is not asked in a tight loop.
        this.#backlog = false;
        this.#woken = false;
        this.#lookDueAt = Number.NEGATIVE_INFINITY;
        this.#options.onError(error);
        return null;
      })
      .then((ms) => {
        this.#current = null;
        if (this.#backlog || this.#woken) this.claimWhatIsWanted();
        else this.#lookAgainIn(ms);
      });
  }

  /** Claims once, and says after how many ms to look again; null when a slot or an enqueue is to decide. */
  async #claim(limit: number): Promise<number | null> {
    // From here on: a wake-up may be of a job that neither the look for lanes nor the claim sees.
    this.#woken = false;
    await this.#discover();
    const sentAt = this.#options.clock.now();
    const scan = this.#lanes.scan(sentAt);
    const { runs, isFull } = await this.#send(scan, { limit: this.#byteLimit.of(limit), sentAt });
    this.#options.take(runs);
    if (scan.next !== null && !isFull) {
      this.#backlog = true;
      return 0;
    }
    const now = this.#options.clock.now();
    const next = this.#alertness.claimed({ found: runs.length, isFull, now });
    this.#backlog = next.kind === "now" || this.#woken;
    await this.#tellAsleep();
    if (this.#backlog) return 0;
    if (next.kind === "soon") return next.ms;
    if (this.#lastLookAt !== null) return Math.max(0, this.#lastLookAt - this.#options.clock.now());
    // Resting is for when nothing is due; only a scan from the start has seen all.
    return this.#soonerLook(scan.fromStart ? null : this.#lanes.startDueIn(now));
  }

  /** After how many ms to look again, where the looks for lanes have not come to the end. */
  #soonerLook(ms: number | null): number | null {
    if (this.#lookAfter === null) return ms;
    const lookMs = Math.max(0, this.#lookDueAt - this.#options.clock.now());
    return ms === null ? lookMs : Math.min(ms, lookMs);
  }

  #lookSoon(): void {
    this.#lookAgain = true;
    // Looks that have not come to the end go on at their pace.
    if (this.#lookAfter === null) this.#lookDueAt = Number.NEGATIVE_INFINITY;
  }

  /** Looks for lanes when that is due. */
  async #discover(): Promise<void> {
    const { db, clock, pollMs } = this.#options;
    const now = clock.now();
    if (this.#lastLookAt !== null && now >= this.#lastLookAt) {
      this.#lastLookAt = null;
      // Nobody is told of what was enqueued before, to a lane that held nothing when lanes were last looked for.
      this.#lookSoon();
    }
    if (now < this.#lookDueAt) return;
    // Before it is sent: a wake-up that comes while it is under way asks for another one.
    if (this.#lookAfter === null) this.#lookAgain = false;
    this.#lookDueAt = now + Math.min(DISCOVER_MS, pollMs);
    this.#lanes.discovering();
    const found = await discoverLanes(db, { queues: this.#queues, after: this.#lookAfter });
    this.#lanes.discovered({ ...found, isLast: found.next === null });
    this.#lookAfter = found.next;
    if (found.next !== null) this.#lookDueAt = clock.now() + (clock.now() - now) * (1 / LOOK_SHARE - 1);
    else if (this.#lookAgain) this.#lookDueAt = Number.NEGATIVE_INFINITY;
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
    const { jobs, bytes, fullOf, ...batch } = await claimJobs(db, request);
    const now = clock.now();
    const taken = { ...batch, count: jobs.length, full: fullOf !== null, now, tookMs: now - sentAt };
    this.#byteLimit.claimed({ count: jobs.length, isCut: fullOf === "bytes" });
    this.#lanes.claimed(scan, taken);
    this.#prepared.claimed({ found: taken.count, now, tookMs: taken.tookMs });
    if (turns !== undefined) {
      // What the bytes cut off is no sign that a queue had less than its share.
      const asked = fullOf === "bytes" ? jobs.length : limit;
      this.#weights.claimed(turns, { limit: asked, counts: countByQueue(jobs) });
    }
    return { runs: jobs.map((job, index) => new Run(job, sentAt, bytes[index])), isFull: fullOf !== null };
  }

  /** Tells producers when it has changed whether this worker is to be notified; if it now is, a last look is due. */
  async #tellAsleep(): Promise<void> {
    const { setAsleep, clock, onError } = this.#options;
    const { asleep } = this.#alertness;
    if (setAsleep === null || asleep === this.#toldAsleep) return;
    try {
      await setAsleep(asleep);
      this.#toldAsleep = asleep;
      this.#lastLookAt = asleep ? clock.now() + LAST_LOOK_MS : null;
    } catch (error) {
      this.#alertness.couldNotTell();
      onError(error);
    }
  }

  #lookAgainIn(ms: number | null): void {
    if (this.#stopped) return;
    const { clock, pollMs } = this.#options;
    this.#stopTimer();
    // A tenth of jitter keeps a fleet that started together from polling together.
    const poll = pollMs * (0.95 + 0.1 * clock.random());
    const isPoll = ms === null || ms >= poll;
    this.#isTimed = true;
    this.#stopTimer = clock.after(isPoll ? poll : ms, () => {
      this.#isTimed = false;
      if (isPoll) this.#lookSoon();
      this.claimWhatIsWanted();
    });
  }
}

function countByQueue(jobs: readonly { queue: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of jobs) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}
