import type { LaneName, LookResult } from "./find-unpaused-lanes.sql.ts";
import { ScansFromStart } from "./scans-from-start.ts";

/** A lane, and the point at which a claim begins to scan the lane. */
export interface ClaimLane {
  queue: string;
  priority: number;
  /** Where the scan begins; null: at the lane's start. */
  mark: LaneMark | null;
}

/** A mark: a point in a lane's order (run_at, id). `runAt` is the database's own text, which keeps the microseconds. */
export interface LaneMark {
  runAt: string;
  id: string;
}

/** What a claim is to scan. */
export interface ClaimScan {
  lanes: ClaimLane[];
  /** Whether every lane is scanned from its start. */
  fromStart: boolean;
  /**
   * The last lane whose turn is now; null if no lanes follow. The lanes that follow have their turn after a claim that
   * left no due job in these lanes.
   */
  lastInTurn: LaneName | null;
}

/** A claimed job, as a mark of its lane. */
export interface ClaimedMark extends LaneMark {
  queue: string;
  priority: number;
}

/**
 * A mark is used only this many ms after a claim reached it. A transaction may enqueue just before, and commit just
 * after: without the lag, no claim would see its jobs until the next scan from the start.
 */
const MARK_LAG_MS = 20;

/** Smaller than every job's id: a mark with this id stands before every job that is due at the mark's instant. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * If there are too many lanes for one claim, a claim names up to this many lanes of each of three kinds: the first
 * lanes, the lanes that notices named since the last claim, and the lanes whose turn is next.
 */
const LANES_EACH = 50;

/** How many lanes one claim names at most. */
export const CLAIM_LANES_MAX = 3 * LANES_EACH;

/** The result of a claim. */
export interface ClaimTaken {
  /** How many jobs the claim took. */
  count: number;
  /** Whether more jobs may be due. If not, the claim has passed everything that was due in its lanes. */
  isFull: boolean;
  /** The lanes of the claimed jobs: these are objects of the scan's `lanes`. */
  lanesTakenFrom: ReadonlySet<ClaimLane>;
  /** The marks that the claim reached, in some of its lanes. */
  marks: readonly ClaimedMark[];
  now: number;
  tookMs: number;
}

interface LaneState extends LaneName {
  mark: LaneMark | null;
  /** A newer mark, and when a claim reached it. It becomes `mark` after `MARK_LAG_MS`. */
  reached: { at: number; mark: LaneMark } | null;
}

/**
 * The lanes of one worker, and the mark of each lane. A scan from a mark skips everything before the mark. A scan from
 * the start of a lane also reads:
 *
 * - the index entries of due jobs whose type this worker has no task for;
 * - while a transaction keeps an old snapshot, the dead index entries of the jobs that were claimed since.
 *
 * While scans from the start cost no more than others, every scan begins at the start.
 *
 * If there are too many lanes for one claim, a claim names only some of them. The first lanes are always among them.
 * After a claim that took all jobs of its lanes, the next claim names the lanes that follow, so that no lane waits for
 * ever.
 *
 * All instants but `lookedAt` are the worker's monotonic ms. They decide what a claim costs, never which jobs it may
 * take.
 */
export class ClaimLanes {
  readonly #rank: ReadonlyMap<string, number>;
  /** Every lane, in the order in which lanes are claimed. */
  #order: LaneState[] = [];
  readonly #lanes = new Map<string, LaneState>();
  #paused: ReadonlySet<string> = new Set();
  /** The lanes that looks found or notices named since this round of looks began; null between rounds. */
  #seen: Set<string> | null = null;
  /** Lanes that notices named since the last claim. */
  #fresh = new Set<LaneState>();
  /** The last lane that had its turn; null if the next turn begins at the first lane. */
  #turn: LaneName | null = null;
  /** Whether the claims of this round of turns scan lanes from their start. */
  #startsNow = true;
  readonly #startScans = new ScansFromStart();
  /** When lanes were last looked for, as the database's own text: a later claim sees every job that was due then. */
  #lookedAt: string | null = null;

  constructor(queues: readonly string[]) {
    this.#rank = new Map(queues.map((queue, index) => [queue, index]));
  }

  /** A look begins: the first look of a round, or a further one. */
  lookBegins(): void {
    this.#seen ??= new Set();
  }

  /**
   * Adds the lanes that a look found, and drops the lanes of paused queues. The last look of a round also drops the
   * lanes that no look found and no notice named since the round began. A lane that a notice named stays: the look may
   * have been too early to see its job. The other lanes keep their marks.
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

  /** Adds a lane that a notice named, unless this worker does not claim from its queue, or the queue is paused. */
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

  /** What the next claim scans. */
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
    // A full claim from the start may leave jobs that are due before the old mark. So the mark may go back.
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

  /** Ms until a worker that rests must claim again; null if the last claim has seen every job that was due. */
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
    // Keep the mark that waits already. If each new mark replaced it, a busy lane would never have a mark that is old
    // enough.
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

  /**
   * Drops the lanes that were scanned from their start and had no job, if there are too many lanes. A look may find
   * them again, or a notice name them.
   */
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

  /** The index of the first lane that comes after this lane in the order. */
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

/** Compares to the ms. False if a text is no readable instant, which an unusual DateStyle causes. */
function isBefore(mark: LaneMark, other: LaneMark): boolean {
  return Date.parse(mark.runAt) < Date.parse(other.runAt);
}
