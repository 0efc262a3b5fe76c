import type { Clock, Executor } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { JobCanceledError } from "../errors.ts";
import { Run } from "../run/run.ts";
import { ByteLimit } from "./byte-limit.ts";
import { claimJobs } from "./claim-jobs.sql.ts";
import { ClaimLanes, type ClaimScan } from "./claim-lanes.ts";
import { findUnpausedLanes } from "./find-unpaused-lanes.sql.ts";
import type { LaneLookTimes } from "./lane-look-times.ts";
import { PreparedClaim } from "./prepared-claim.ts";
import { type QueueChoice, QueueWeights, queueNames } from "./queue-weights.ts";

/** What claims from a worker's queues need. */
export interface QueueClaimsOptions {
  db: Executor;
  clock: Clock;
  queues: readonly QueueChoice[];
  /** The types that the worker has tasks for. Jobs of other types stay queued. */
  types: readonly string[];
  /** Each job of these types gets a claim of its own. The set grows. */
  claimedSingly: ReadonlySet<string>;
  workerId: string;
  leaseSeconds: number;
  /**
   * Takes the settings of the queues that have any, each time lanes were looked for. The settings are read before a
   * claim: at most 1 s before, or `pollMs` if it is shorter, or ten times as long as a look takes if one look cannot
   * read every lane.
   */
  learnQueueSettings(settings: ReadonlyMap<string, QueueSettings>): void;
}

/** What one claim took. */
export interface QueueClaim {
  runs: Run[];
  /** Whether the claim may have left due jobs. */
  isFull: boolean;
  /** Whether other lanes have their turn after the lanes of the claim. */
  lanesFollow: boolean;
}

/** Sends the claims of a worker, one at a time, and learns from each which lanes to claim from next, and from where. */
export class QueueClaims {
  readonly #options: QueueClaimsOptions;
  readonly #looks: LaneLookTimes;
  #queues: readonly string[];
  #lanes: ClaimLanes;
  #weights: QueueWeights;
  /** The queues for the next claim; null if they have not changed. */
  #nextQueues: readonly QueueChoice[] | null = null;
  readonly #byteLimit = new ByteLimit();
  readonly #prepared = new PreparedClaim();

  constructor(options: QueueClaimsOptions, looks: LaneLookTimes) {
    this.#options = options;
    this.#looks = looks;
    this.#queues = queueNames(options.queues);
    this.#lanes = new ClaimLanes(this.#queues);
    this.#weights = new QueueWeights(options.queues);
  }

  /** Claims from these queues from the next claim on: a claim under way learns about the lanes that it began with. */
  setQueues(queues: readonly QueueChoice[]): void {
    this.#nextQueues = queues;
  }

  /** A notice named a lane. */
  heardOf(lane: { queue: string; priority: number }): void {
    this.#lanes.heardOf(lane);
  }

  /** Ms until a worker that rests must claim again; null if the last claim has seen every job that was due. */
  scanDueIn(now: number): number | null {
    return this.#lanes.scanDueIn(now);
  }

  /** Claims up to `limit` jobs. Looks for lanes first, if a look is due. */
  async claim(limit: number): Promise<QueueClaim> {
    this.#takeNextQueues();
    await this.#lookForLanes();
    const sentAt = this.#options.clock.now();
    const scan = this.#lanes.scan(sentAt);
    const { runs, isFull } = await this.#send(scan, { limit: this.#byteLimit.of(limit), sentAt });
    return { runs, isFull, lanesFollow: scan.lastInTurn !== null };
  }

  #takeNextQueues(): void {
    if (this.#nextQueues === null) return;
    this.#queues = queueNames(this.#nextQueues);
    this.#lanes = new ClaimLanes(this.#queues);
    this.#weights = new QueueWeights(this.#nextQueues);
    this.#nextQueues = null;
    this.#looks.restart();
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
    const request = {
      lanes,
      limit,
      types,
      leaseSeconds,
      workerId,
      turns,
      sentAt,
      preparedAs,
      recordsSuspects: true,
    };
    const { jobs, bytes, claimSizes, details, cancelRequested, cutBy, ...batch } = await claimJobs(db, {
      ...request,
      claimedSingly: [...this.#options.claimedSingly],
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
}

function countByQueue(jobs: readonly { queue: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { queue } of jobs) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}
