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

/** A scan from the start that costs this many ms more than others is not made twice in a row. */
const DEAR_MS = 2;

/** Before every job's id: a place at an instant, whatever is due then. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** What a claim came to. */
export interface ClaimTaken {
  /** How many jobs it took. */
  count: number;
  /** Whether there may be more: if not, it has passed over everything that was due. */
  full: boolean;
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
 * The low-water marks of one worker. A claim that begins at the left end of the index walks over every job of a type
 * that the worker does not know, and, while a snapshot held open anywhere keeps dead index entries alive, over every job
 * claimed since; one that begins where an earlier claim ended does not. While scans from the start are cheap every claim
 * is one. All instants but `discoveredAt` are the worker's monotonic ms: they steer cost, never what may be claimed.
 */
export class ClaimLanes {
  readonly #rank: ReadonlyMap<string, number>;
  #lanes: LaneState[] = [];
  #paused: ReadonlySet<string> = new Set();
  /** Lanes heard of since lanes are looked for; null while they are not. */
  #heard: { queue: string; priority: number }[] | null = null;
  #startDueAt = Number.NEGATIVE_INFINITY;
  /** Whether the last scan from the start cost much more than others, and whether the last scan was one. */
  #startIsDear = false;
  #lastFromStart = false;
  /** When lanes were last looked for, in the database's text: a later claim sees all that was due then. */
  #discoveredAt: string | null = null;
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
  discovered(found: readonly { queue: string; priority: number | null }[], at: string | null): void {
    this.#discoveredAt = at;
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
    for (const lane of this.#lanes) {
      if (lane.reached === null || lane.reached.at > now - PLACE_LAG_MS) continue;
      lane.place = lane.reached.place;
      lane.reached = null;
    }
    // Of what has just been enqueued, a scan from a place sees most; a dear one from the start may come after it.
    const mayStart = now >= this.#startDueAt && !(this.#startIsDear && this.#lastFromStart);
    const lanes = this.#lanes.map(({ queue, priority, place }) => ({
      queue,
      priority,
      from: mayStart ? null : place,
    }));
    return { lanes, fromStart: lanes.every((lane) => lane.from === null) };
  }

  /** Learns from a claim: how long it took, and how far it came. */
  claimed(plan: ClaimPlan, { count, full, places, now, tookMs }: ClaimTaken): void {
    const units = count + CLAIM_UNITS;
    this.#lastFromStart = plan.fromStart;
    if (!plan.fromStart) this.#usualMs = tookMs / units;
    else {
      const dearerMs = Math.max(0, tookMs - (this.#usualMs ?? 0) * units);
      this.#startDueAt = now + Math.min(START_WAIT_MAX_MS, dearerMs * (1 / START_SHARE - 1));
      this.#startIsDear = dearerMs > DEAR_MS;
    }
    // A full claim from the start found a backlog behind the place: what follows is there as well.
    const mayGoBack = full && plan.fromStart;
    for (const place of places) this.#reach(place, { now, mayGoBack });
    if (full || this.#discoveredAt === null) return;
    const passed = { runAt: this.#discoveredAt, id: FIRST_ID };
    for (const { queue, priority } of plan.lanes) {
      this.#reach({ queue, priority, ...passed }, { now, mayGoBack: false });
    }
  }

  /** How many ms until the next scan from the start may be made. */
  startDueIn(now: number): number {
    return Math.max(0, this.#startDueAt - now);
  }

  #reach(
    { queue, priority, runAt, id }: ClaimedPlace,
    { now, mayGoBack }: { now: number; mayGoBack: boolean },
  ): void {
    const lane = this.#find({ queue, priority });
    if (lane === undefined) return;
    const place = { runAt, id };
    if (!mayGoBack && lane.place !== null && isBefore(place, lane.place)) return;
    // The oldest place that waits for its lag is kept, or a busy lane's place would never come of age.
    lane.reached ??= { at: now, place };
  }

  #find(lane: { queue: string; priority: number }): LaneState | undefined {
    return this.#lanes.find((each) => each.queue === lane.queue && each.priority === lane.priority);
  }

  #sort(): void {
    const rank = (lane: LaneState) => this.#rank.get(lane.queue) ?? 0;
    this.#lanes.sort((a, b) => rank(a) - rank(b) || a.priority - b.priority);
  }
}

/** To the ms. A text that cannot be read as an instant, as of an unusual DateStyle, is before none. */
function isBefore(place: LanePlace, other: LanePlace): boolean {
  return Date.parse(place.runAt) < Date.parse(other.runAt);
}
