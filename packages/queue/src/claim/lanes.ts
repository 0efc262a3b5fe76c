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
  /** The last lane that has its turn now, where others follow: a claim that takes all there is is followed by theirs. */
  next: LaneName | null;
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

/**
 * A claim names so many lanes, of three kinds: the first, those just heard of, and those that come next in turn. With
 * fewer lanes than all of these, it names them all.
 */
const LANES_EACH = 50;

/** How many lanes one claim names at most. */
export const CLAIM_LANES_MAX = 3 * LANES_EACH;

/** What a claim came to. */
export interface ClaimTaken {
  /** How many jobs it took. */
  count: number;
  /** Whether there may be more: if not, it has passed over everything that was due. */
  full: boolean;
  /** The lanes that it took them from, as they are in its plan. */
  from: ReadonlySet<ClaimLane>;
  /** The places of some of them. */
  places: readonly ClaimedPlace[];
  now: number;
  tookMs: number;
}

/** A lane by its name. */
interface LaneName {
  queue: string;
  priority: number;
}

/** What a look for lanes found; it may be one of many that together come to the end. */
export interface LanesFound {
  lanes: readonly LaneName[];
  paused: readonly string[];
  /** When it was, in the database's text. */
  at: string | null;
  /** Whether it came to the end. */
  isLast: boolean;
}

interface LaneState extends LaneName {
  place: LanePlace | null;
  /** A newer place and when it was reached; becomes `place` after the lag. */
  reached: { at: number; place: LanePlace } | null;
}

/**
 * The low-water marks of one worker. A claim that begins at the left end of the index walks over every job of a type
 * that the worker does not know, and, while a snapshot held open anywhere keeps dead index entries alive, over every job
 * claimed since; one that begins where an earlier claim ended does not. While scans from the start are cheap every claim
 * is one. All instants but `discoveredAt` are the worker's monotonic ms: they steer cost, never what may be claimed.
 *
 * Of many lanes a claim names some. The first come first, and none waits for ever: after a claim that took all there was
 * in its lanes, the next one names those that follow.
 */
export class ClaimLanes {
  readonly #rank: ReadonlyMap<string, number>;
  /** In the order they are claimed. */
  #order: LaneState[] = [];
  readonly #lanes = new Map<string, LaneState>();
  #paused: ReadonlySet<string> = new Set();
  /** The lanes found or heard of since lanes are looked for; null while they are not. */
  #seen: Set<string> | null = null;
  /** Lanes heard of that no claim has named yet. */
  #fresh = new Set<LaneState>();
  /** The last lane of those that had their turn; null when all may begin anew. */
  #turn: LaneName | null = null;
  /** Whether the claims of this round of turns scan from the start. */
  #startsNow = true;
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

  /** Lanes are looked for from now on, until a look comes to the end. */
  discovering(): void {
    this.#seen ??= new Set();
  }

  /**
   * Adds the lanes found. At the end, those are left that were found, or heard of meanwhile, which the look may have been
   * too early to see; their places are kept.
   */
  discovered({ lanes, paused, at, isLast }: LanesFound): void {
    this.#discoveredAt = at;
    this.#paused = new Set(paused);
    for (const lane of lanes) {
      this.#seen?.add(keyOf(lane));
      if (!this.#lanes.has(keyOf(lane))) this.#lanes.set(keyOf(lane), unplaced(lane));
    }
    const isGone = (lane: LaneState) => isLast && !(this.#seen?.has(keyOf(lane)) ?? true);
    for (const lane of this.#lanes.values()) {
      if (this.#paused.has(lane.queue) || isGone(lane)) this.#drop(lane);
    }
    if (isLast) this.#seen = null;
    this.#order = [...this.#lanes.values()].sort((a, b) => this.#compare(a, b));
  }

  /** Adds a lane that someone enqueued to; false when it is known, or of a queue that is not claimed from, or paused. */
  heardOf({ queue, priority }: LaneName): boolean {
    if (!this.#rank.has(queue)) return false;
    const key = keyOf({ queue, priority });
    this.#seen?.add(key);
    if (this.#paused.has(queue)) return false;
    const known = this.#lanes.get(key);
    const lane = known ?? unplaced({ queue, priority });
    this.#fresh.add(lane);
    if (known !== undefined) return false;
    this.#lanes.set(key, lane);
    this.#order.splice(this.#indexAfter(lane), 0, lane);
    return true;
  }

  /** What to scan now. */
  plan(now: number): ClaimPlan {
    // Of what has just been enqueued, a scan from a place sees most; a dear one from the start may come after it.
    if (this.#turn === null) {
      this.#startsNow = now >= this.#startDueAt && !(this.#startIsDear && this.#lastFromStart);
    }
    const { picked, next } = this.#pick();
    this.#fresh.clear();
    const lanes = picked.map((lane) => {
      if (lane.reached !== null && lane.reached.at <= now - PLACE_LAG_MS) {
        lane.place = lane.reached.place;
        lane.reached = null;
      }
      return { queue: lane.queue, priority: lane.priority, from: this.#startsNow ? null : lane.place };
    });
    return { lanes, fromStart: lanes.every((lane) => lane.from === null), next };
  }

  /** Learns from a claim: how long it took, and how far it came. */
  claimed(plan: ClaimPlan, { count, full, from, places, now, tookMs }: ClaimTaken): void {
    this.#lastFromStart = plan.fromStart;
    this.#learnCost(plan, { units: count + CLAIM_UNITS, now, tookMs });
    // A full claim from the start found a backlog behind the place: what follows is there as well.
    const mayGoBack = full && plan.fromStart;
    for (const place of places) this.#reach(place, { now, mayGoBack });
    if (full) return;
    this.#turn = plan.next;
    if (this.#order.length > CLAIM_LANES_MAX) this.#forget(plan.lanes.filter((lane) => !from.has(lane)));
    if (this.#discoveredAt === null) return;
    const passed = { runAt: this.#discoveredAt, id: FIRST_ID };
    for (const { queue, priority } of plan.lanes) {
      this.#reach({ queue, priority, ...passed }, { now, mayGoBack: false });
    }
  }

  /** How many ms until the next scan from the start may be made. */
  startDueIn(now: number): number {
    return Math.max(0, this.#startDueAt - now);
  }

  #learnCost(plan: ClaimPlan, { units, now, tookMs }: { units: number; now: number; tookMs: number }): void {
    if (!plan.fromStart) {
      this.#usualMs = tookMs / units;
      return;
    }
    const dearerMs = Math.max(0, tookMs - (this.#usualMs ?? 0) * units);
    this.#startDueAt = now + Math.min(START_WAIT_MAX_MS, dearerMs * (1 / START_SHARE - 1));
    this.#startIsDear = dearerMs > DEAR_MS;
  }

  #reach(
    { queue, priority, runAt, id }: ClaimedPlace,
    { now, mayGoBack }: { now: number; mayGoBack: boolean },
  ): void {
    const lane = this.#lanes.get(keyOf({ queue, priority }));
    if (lane === undefined) return;
    const place = { runAt, id };
    if (!mayGoBack && lane.place !== null && isBefore(place, lane.place)) return;
    // The oldest place that waits for its lag is kept, or a busy lane's place would never come of age.
    lane.reached ??= { at: now, place };
  }

  #pick(): { picked: LaneState[]; next: LaneName | null } {
    if (this.#order.length <= CLAIM_LANES_MAX) return { picked: this.#order, next: null };
    const start = this.#turn === null ? 0 : this.#indexAfter(this.#turn);
    const end = start + LANES_EACH;
    const first = this.#order.slice(0, LANES_EACH);
    const fresh = [...this.#fresh].slice(-LANES_EACH);
    const inTurn = this.#order.slice(start, end);
    const picked = [...new Set([...first, ...fresh, ...inTurn])].sort((a, b) => this.#compare(a, b));
    return { picked, next: end < this.#order.length ? (inTurn.at(-1) ?? null) : null };
  }

  /** Of too many lanes, those that were scanned as a whole and had nothing wait until they are found or heard of again. */
  #forget(lanes: readonly ClaimLane[]): void {
    for (const lane of lanes) {
      const known = this.#lanes.get(keyOf(lane));
      if (known !== undefined && lane.from === null && !this.#fresh.has(known)) this.#drop(known);
    }
    this.#order = this.#order.filter((lane) => this.#lanes.has(keyOf(lane)));
  }

  #drop(lane: LaneState): void {
    this.#lanes.delete(keyOf(lane));
    this.#fresh.delete(lane);
  }

  /** How many lanes are not behind this one. */
  #indexAfter(lane: LaneName): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#order[middle];
      if (other !== undefined && this.#compare(other, lane) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: LaneName, b: LaneName): number {
    return (this.#rank.get(a.queue) ?? 0) - (this.#rank.get(b.queue) ?? 0) || a.priority - b.priority;
  }
}

const keyOf = ({ queue, priority }: LaneName) => `${priority}:${queue}`;

const unplaced = ({ queue, priority }: LaneName): LaneState => ({
  queue,
  priority,
  place: null,
  reached: null,
});

/** To the ms. A text that cannot be read as an instant, as of an unusual DateStyle, is before none. */
function isBefore(place: LanePlace, other: LanePlace): boolean {
  return Date.parse(place.runAt) < Date.parse(other.runAt);
}
