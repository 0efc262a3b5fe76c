import type { LaneName, LookResult } from "./find-unpaused-lanes.sql.ts";
import { ScansFromStart } from "./scans-from-start.ts";

/** One lane of the claim: the jobs of one priority in one queue, and where in their order the scan begins. */
export interface ClaimLane {
  queue: string;
  priority: number;
  /** The mark to begin at; null begins at the start. */
  mark: LaneMark | null;
}

/** A mark: a point in a lane's order (run_at, id). `runAt` is the database's own text, which keeps its microseconds. */
export interface LaneMark {
  runAt: string;
  id: string;
}

/** What a claim is to scan. */
export interface ClaimScan {
  lanes: ClaimLane[];
  /** Whether every lane is scanned from its start. */
  fromStart: boolean;
  /** The last lane that has its turn now, where others follow: theirs comes once a claim has taken all there is. */
  lastInTurn: LaneName | null;
}

/** A claimed job, as a mark of its lane. */
export interface ClaimedMark extends LaneMark {
  queue: string;
  priority: number;
}

/**
 * A mark is used this many ms after it was reached: a transaction that enqueued just before and commits just
 * after would otherwise be left out until the next scan from the start.
 */
const MARK_LAG_MS = 20;

/** Before every job's id: with it, a mark stands before every job that is due at its instant. */
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
  /** Whether there may be more: if not, the claim has come past everything that was due. */
  isFull: boolean;
  /** The lanes that it took them from, as its scan names them. */
  lanesTakenFrom: ReadonlySet<ClaimLane>;
  /** The marks of some of them. */
  marks: readonly ClaimedMark[];
  now: number;
  tookMs: number;
}

interface LaneState extends LaneName {
  mark: LaneMark | null;
  /** A newer mark and when it was reached; becomes `mark` after the lag. */
  reached: { at: number; mark: LaneMark } | null;
}

/**
 * The lanes of one worker, and the low-water mark of each. A scan from the start of a lane reads the index entries of
 * all due jobs whose type this worker has no task for. While some transaction keeps an old snapshot, the scan also
 * reads the dead index entries of jobs claimed since. A scan from a mark skips everything before the mark. While scans
 * from the start cost no more than others, every scan begins at the start. All instants but `lookedAt` are the
 * worker's monotonic ms: they steer cost, never what may be claimed.
 *
 * If there are too many lanes for one claim, a claim names some of them. The first lanes come first, and no lane waits
 * for ever: after a claim that took all jobs of its lanes, the next claim names the lanes that follow.
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
  readonly #startScans = new ScansFromStart();
  /** When lanes were last looked for, in the database's text: a later claim sees all that was due then. */
  #lookedAt: string | null = null;

  constructor(queues: readonly string[]) {
    this.#rank = new Map(queues.map((queue, index) => [queue, index]));
  }

  /** Lanes are looked for from now on, until a look comes to the end. */
  lookBegins(): void {
    this.#seen ??= new Set();
  }

  /**
   * Adds the lanes found. At the end of a look, drops the lanes that were neither found nor heard of since the look
   * began: the look may have been too early to see a lane that was heard of. The other lanes keep their marks.
   */
  lookEnds({ lanes, paused, at, next }: LookResult): void {
    const isLast = next === null;
    this.#lookedAt = at;
    this.#paused = new Set(paused);
    for (const lane of lanes) {
      this.#seen?.add(laneKey(lane));
      if (!this.#lanes.has(laneKey(lane))) this.#lanes.set(laneKey(lane), unmarked(lane));
    }
    const isGone = (lane: LaneState) => isLast && !(this.#seen?.has(laneKey(lane)) ?? true);
    for (const lane of this.#lanes.values()) {
      if (this.#paused.has(lane.queue) || isGone(lane)) this.#drop(lane);
    }
    if (isLast) this.#seen = null;
    this.#order = [...this.#lanes.values()].sort((a, b) => this.#compare(a, b));
  }

  /**
   * Adds a lane that someone enqueued to, unless its queue is paused or not claimed from.
   */
  heardOf({ queue, priority }: LaneName): void {
    if (!this.#rank.has(queue)) return;
    const key = laneKey({ queue, priority });
    this.#seen?.add(key);
    if (this.#paused.has(queue)) return;
    const known = this.#lanes.get(key);
    const lane = known ?? unmarked({ queue, priority });
    this.#fresh.add(lane);
    if (known !== undefined) return;
    this.#lanes.set(key, lane);
    this.#order.splice(this.#indexAfter(lane), 0, lane);
  }

  /** What to scan now. */
  scan(now: number): ClaimScan {
    if (this.#turn === null) this.#startsNow = this.#startScans.mayBegin(now);
    const { picked, lastInTurn } = this.#pick();
    this.#fresh.clear();
    const lanes = picked.map((lane) => {
      if (lane.reached !== null && lane.reached.at <= now - MARK_LAG_MS) {
        lane.mark = lane.reached.mark;
        lane.reached = null;
      }
      return { queue: lane.queue, priority: lane.priority, mark: this.#startsNow ? null : lane.mark };
    });
    return { lanes, fromStart: lanes.every((lane) => lane.mark === null), lastInTurn };
  }

  /** Learns from a claim: how long it took, and how far it came. */
  learn(scan: ClaimScan, { count, isFull, lanesTakenFrom, marks, now, tookMs }: ClaimTaken): void {
    this.#startScans.learn(scan.fromStart, { count, now, tookMs });
    // A full claim from the start found a backlog behind the mark: what follows is there as well.
    const mayGoBack = isFull && scan.fromStart;
    for (const mark of marks) this.#reach(mark, { now, mayGoBack });
    if (isFull) return;
    this.#turn = scan.lastInTurn;
    if (this.#order.length > CLAIM_LANES_MAX) {
      this.#forget(scan.lanes.filter((lane) => !lanesTakenFrom.has(lane)));
    }
    if (this.#lookedAt === null) return;
    const passed = { runAt: this.#lookedAt, id: FIRST_ID };
    for (const { queue, priority } of scan.lanes) {
      this.#reach({ queue, priority, ...passed }, { now, mayGoBack: false });
    }
  }

  /** After how many ms a worker that rests must scan again; null when the last scan has seen all that was due. */
  scanDueIn(now: number): number | null {
    return this.#startScans.missedIn(now);
  }

  #reach(
    { queue, priority, runAt, id }: ClaimedMark,
    { now, mayGoBack }: { now: number; mayGoBack: boolean },
  ): void {
    const lane = this.#lanes.get(laneKey({ queue, priority }));
    if (lane === undefined) return;
    const mark = { runAt, id };
    if (!mayGoBack && lane.mark !== null && isBefore(mark, lane.mark)) return;
    // The oldest mark that waits for its lag is kept, or a busy lane's mark would never come of age.
    lane.reached ??= { at: now, mark };
  }

  #pick(): { picked: LaneState[]; lastInTurn: LaneName | null } {
    if (this.#order.length <= CLAIM_LANES_MAX) return { picked: this.#order, lastInTurn: null };
    const start = this.#turn === null ? 0 : this.#indexAfter(this.#turn);
    const end = start + LANES_EACH;
    const first = this.#order.slice(0, LANES_EACH);
    const fresh = [...this.#fresh].slice(-LANES_EACH);
    const inTurn = this.#order.slice(start, end);
    const picked = [...new Set([...first, ...fresh, ...inTurn])].sort((a, b) => this.#compare(a, b));
    return { picked, lastInTurn: end < this.#order.length ? (inTurn.at(-1) ?? null) : null };
  }

  /** Of too many lanes, drops those scanned from their start that had nothing: they may be found or heard of again. */
  #forget(lanes: readonly ClaimLane[]): void {
    for (const lane of lanes) {
      const known = this.#lanes.get(laneKey(lane));
      if (known !== undefined && lane.mark === null && !this.#fresh.has(known)) this.#drop(known);
    }
    this.#order = this.#order.filter((lane) => this.#lanes.has(laneKey(lane)));
  }

  #drop(lane: LaneState): void {
    this.#lanes.delete(laneKey(lane));
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

const laneKey = ({ queue, priority }: LaneName) => `${priority}:${queue}`;

const unmarked = ({ queue, priority }: LaneName): LaneState => ({
  queue,
  priority,
  mark: null,
  reached: null,
});

/** To the ms. A text that cannot be read as an instant, as of an unusual DateStyle, is before none. */
function isBefore(mark: LaneMark, other: LaneMark): boolean {
  return Date.parse(mark.runAt) < Date.parse(other.runAt);
}
