/** One lane of the claim: the jobs of one priority in one queue, and where in their order the scan begins. */
export interface ClaimLane {
  queue: string;
  priority: number;
  /** Begin at this place in the claim order (run_at, id); null begins at the start. */
  from: LanePlace | null;
}

/** A place in a lane's order. `runAt` is the database's own text, which keeps its microseconds. */
export interface LanePlace {
  runAt: string;
  id: string;
}

/** What a claim is to scan. */
export interface ClaimPlan {
  lanes: ClaimLane[];
  /** Whether every lane is scanned from its start. */
  fromStart: boolean;
}

/** What is known of a claimed job's place. */
export interface ClaimedPlace extends LanePlace {
  queue: string;
  priority: number;
}

/**
 * A place is used this many ms after it was reached: a transaction that enqueued just before and commits just
 * after would otherwise be passed over until the next scan from the start.
 */
const PLACE_LAG_MS = 20;

/** Scans from the start may take this part of the time, and no more, when they cost more than others. */
const START_SHARE = 0.1;

/** However dear a scan from the start is, it is made this often, in ms, so that jobs behind the place are seen. */
const START_WAIT_MAX_MS = 10_000;

/** What a claim costs beside its jobs, in jobs: what makes claims of different sizes comparable. */
const CLAIM_UNITS = 50;

/** What a claim came to. */
export interface ClaimTaken {
  /** How many jobs it took. */
  count: number;
  /** The places of some of them. */
  places: readonly ClaimedPlace[];
  now: number;
  tookMs: number;
}

interface LaneState {
  queue: string;
  priority: number;
  place: LanePlace | null;
  /** A newer place and when it was reached; becomes `place` after the lag. */
  reached: { at: number; place: LanePlace } | null;
}

/**
 * The low-water marks of one worker. A snapshot held open anywhere keeps dead index entries alive, and a claim that
 * begins at the left end of the index walks over every job claimed since; one that begins where an earlier claim
 * ended does not. When scans from the start are cheap, which they are while nothing holds a snapshot, every claim
 * is one. All instants are the worker's monotonic ms: they steer cost, never what may be claimed.
 */
export class ClaimLanes {
  readonly #rank: ReadonlyMap<string, number>;
  #lanes: LaneState[] = [];
  #paused: ReadonlySet<string> = new Set();
  /** Lanes heard of since lanes are looked for; null while they are not. */
  #heard: { queue: string; priority: number }[] | null = null;
  #startDueAt = Number.NEGATIVE_INFINITY;
  /** What a unit of a claim from a place took when it was last measured, in ms; null until then. */
  #usualMs: number | null = null;

  constructor(queues: readonly string[]) {
    this.#rank = new Map(queues.map((queue, index) => [queue, index]));
  }

  /** Lanes are looked for from now on, until `discovered`. */
  discovering(): void {
    this.#heard = [];
  }

  /**
   * Replaces the lanes by those that hold queued jobs, and those heard of meanwhile, which the look may have been too
   * early to see; keeps the places of lanes known before. A queue without a priority is paused.
   */
  discovered(found: readonly { queue: string; priority: number | null }[]): void {
    this.#paused = new Set(found.filter(({ priority }) => priority === null).map(({ queue }) => queue));
    this.#lanes = found.flatMap(({ queue, priority }) => {
      if (priority === null) return [];
      return this.#find({ queue, priority }) ?? { queue, priority, place: null, reached: null };
    });
    this.#sort();
    const heard = this.#heard ?? [];
    this.#heard = null;
    for (const lane of heard) this.heardOf(lane);
  }

  /** Adds a lane that someone enqueued to; false when it is known, or of a queue that is not claimed from, or paused. */
  heardOf(lane: { queue: string; priority: number }): boolean {
    if (!this.#rank.has(lane.queue)) return false;
    this.#heard?.push(lane);
    if (this.#paused.has(lane.queue)) return false;
    if (this.#find(lane) !== undefined) return false;
    this.#lanes.push({ ...lane, place: null, reached: null });
    this.#sort();
    return true;
  }

  /** What to scan now. */
  plan(now: number): ClaimPlan {
    const mayStart = now >= this.#startDueAt;
    for (const lane of this.#lanes) {
      if (lane.reached === null || lane.reached.at > now - PLACE_LAG_MS) continue;
      lane.place = lane.reached.place;
      lane.reached = null;
    }
    const lanes = this.#lanes.map(({ queue, priority, place }) => ({
      queue,
      priority,
      from: mayStart ? null : place,
    }));
    return { lanes, fromStart: lanes.every((lane) => lane.from === null) };
  }

  /** Learns from a claim: how long it took, and how far it came. */
  claimed(plan: ClaimPlan, { count, places, now, tookMs }: ClaimTaken): void {
    const units = count + CLAIM_UNITS;
    if (!plan.fromStart) this.#usualMs = tookMs / units;
    else {
      const dearerMs = Math.max(0, tookMs - (this.#usualMs ?? 0) * units);
      this.#startDueAt = now + Math.min(START_WAIT_MAX_MS, dearerMs * (1 / START_SHARE - 1));
    }
    for (const place of places) this.#reach(place, now);
  }

  /** How many ms until the next scan from the start may be made. */
  startDueIn(now: number): number {
    return Math.max(0, this.#startDueAt - now);
  }

  #reach({ queue, priority, runAt, id }: ClaimedPlace, now: number): void {
    const lane = this.#find({ queue, priority });
    if (lane === undefined) return;
    // The oldest place that waits for its lag is kept, or a busy lane's place would never come of age.
    lane.reached ??= { at: now, place: { runAt, id } };
  }

  #find(lane: { queue: string; priority: number }): LaneState | undefined {
    return this.#lanes.find((each) => each.queue === lane.queue && each.priority === lane.priority);
  }

  #sort(): void {
    const rank = (lane: LaneState) => this.#rank.get(lane.queue) ?? 0;
    this.#lanes.sort((a, b) => rank(a) - rank(b) || a.priority - b.priority);
  }
}
