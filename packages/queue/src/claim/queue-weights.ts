import { checkFields, checkText, fieldNames, InvalidOptionError } from "@millrace/base";

/**
 * A queue to claim from: a name alone, or a name with a weight. See `queues` in `WorkerOptions`.
 *
 * @example
 * const worker = createWorker({
 *   db: pool,
 *   tasks: [sendReceipt],
 *   queues: ["critical", { name: "default", weight: 3 }, { name: "bulk", weight: 1 }],
 * });
 */
export type QueueChoice = string | WeightedQueue;

/**
 * A queue with a weight. Weighted queues that follow each other in the list share claims in proportion to their
 * weights.
 */
export interface WeightedQueue {
  /** 1 to 100 characters. */
  name: string;
  /** An integer from 1 to 1,000. */
  weight: number;
}

/** One step of a weighted claim: take at most `most` jobs from a queue, after skipping `offset` jobs. */
export interface ClaimTurn {
  queue: string;
  offset: number;
  most: number;
}

const WEIGHT_MAX = 1_000;

const FIELDS = fieldNames<WeightedQueue>({ name: true, weight: true });

/** A queue may be owed, or owe, at most this many jobs: a longer imbalance is not made up for. */
const CREDIT_MAX = 1_000;

/**
 * Shares claims between queues in proportion to their weights, over time (smooth weighted round-robin).
 *
 * - A queue without a weight is a group of its own. Weighted queues that follow each other are one group. Groups come
 *   in their order: each takes what the groups before left.
 * - A credit remembers by how many jobs a queue with a backlog got too few or too many.
 * - If a queue had fewer jobs than its share, its credit is deleted, and the other queues get what it left.
 */
export class QueueWeights {
  readonly #groups: readonly (readonly WeightedQueue[])[];
  readonly #credits = new Map<string, number>();

  constructor(queues: readonly QueueChoice[]) {
    this.#groups = groupsOf(queues);
  }

  /** Whether any queues share claims. If not, a claim needs no turns. */
  get shares(): boolean {
    return this.#groups.some((group) => group.length > 1);
  }

  /**
   * The turns of a claim of `limit` jobs. `active` names the queues that may have due jobs. First turns take the shares
   * of a group, second turns take what the shares left.
   */
  turns(limit: number, active: ReadonlySet<string>): ClaimTurn[] {
    return this.#groups.flatMap((group) => {
      const shares = this.#shares(
        group.filter(({ name }) => active.has(name)),
        limit,
      );
      const first = shares.filter(({ most }) => most > 0).map((share) => ({ ...share, offset: 0 }));
      const second = shares
        .map(({ queue, most }) => ({ queue, offset: most, most: limit - most }))
        .filter(({ most }) => most > 0);
      return [...first, ...second];
    });
  }

  /** Learns how many jobs of each queue a claim of these turns took. */
  learn(
    turns: readonly ClaimTurn[],
    { limit, counts }: { limit: number; counts: ReadonlyMap<string, number> },
  ) {
    const served = new Set(turns.map(({ queue }) => queue));
    let left = limit;
    for (const group of this.#groups) {
      const names = new Set(group.map(({ name }) => name));
      const first = turns.filter(({ queue, offset }) => offset === 0 && names.has(queue));
      const taken = group.reduce((sum, { name }) => sum + (counts.get(name) ?? 0), 0);
      if (group.length > 1)
        this.#updateCredits(group, { counts, dry: dryQueues(group, { served, first, counts, left, taken }) });
      left -= taken;
    }
  }

  /** The share that each queue of a group has of `limit`, in the order of the turns. */
  #shares(group: readonly WeightedQueue[], limit: number): { queue: string; most: number }[] {
    const total = group.reduce((sum, { weight }) => sum + weight, 0);
    const shares = group.map(({ name, weight }) => {
      const ideal = this.#credit(name) + (limit * weight) / total;
      return { queue: name, ideal, most: Math.max(0, Math.floor(ideal)) };
    });
    let left = limit - shares.reduce((sum, { most }) => sum + most, 0);
    while (left !== 0 && shares.length > 0) {
      const step = Math.sign(left);
      const next = shares
        .filter(({ most }) => step > 0 || most > 0)
        .reduce((best, share) =>
          (share.ideal - share.most) * step > (best.ideal - best.most) * step ? share : best,
        );
      next.most += step;
      left -= step;
    }
    // The queue that is owed most has the first turn. If too little is left for all shares, the last queues get less.
    return shares.sort((a, b) => b.ideal - a.ideal).map(({ queue, most }) => ({ queue, most }));
  }

  #updateCredits(
    group: readonly WeightedQueue[],
    { counts, dry }: { counts: ReadonlyMap<string, number>; dry: ReadonlySet<string> },
  ): void {
    for (const name of dry) this.#credits.delete(name);
    const rest = group.filter(({ name }) => !dry.has(name));
    const weight = rest.reduce((sum, queue) => sum + queue.weight, 0);
    const taken = rest.reduce((sum, { name }) => sum + (counts.get(name) ?? 0), 0);
    for (const queue of rest) {
      const credit =
        this.#credit(queue.name) + (taken * queue.weight) / weight - (counts.get(queue.name) ?? 0);
      this.#credits.set(queue.name, Math.max(-CREDIT_MAX, Math.min(CREDIT_MAX, credit)));
    }
  }

  #credit(name: string): number {
    return this.#credits.get(name) ?? 0;
  }
}

/** What a claim took from a group. */
interface GroupTaken {
  /** The queues that had a turn. */
  served: ReadonlySet<string>;
  /** The first turns of the group's queues. */
  first: readonly ClaimTurn[];
  /** How many jobs the claim took, by queue. */
  counts: ReadonlyMap<string, number>;
  /** How many jobs the claim still wanted when the group's turns began. */
  left: number;
  /** How many jobs the claim took from the group. */
  taken: number;
}

/** The queues of a group that had fewer jobs than their share, or had no turn. */
function dryQueues(
  group: readonly WeightedQueue[],
  { served, first, counts, left, taken }: GroupTaken,
): Set<string> {
  if (taken < left) return new Set(group.map(({ name }) => name));
  const dry = new Set(group.map(({ name }) => name).filter((name) => !served.has(name)));
  let reached = 0;
  for (const { queue, most } of first) {
    const count = counts.get(queue) ?? 0;
    reached += Math.min(count, most);
    // The claim reached its limit in this turn, and evaluated no later turn.
    if (reached >= left) break;
    if (count < most) dry.add(queue);
  }
  return dry;
}

function groupsOf(queues: readonly QueueChoice[]): WeightedQueue[][] {
  const groups: WeightedQueue[][] = [];
  let sharing = false;
  for (const queue of queues) {
    if (typeof queue === "string") groups.push([{ name: queue, weight: 1 }]);
    else if (sharing) groups.at(-1)?.push(queue);
    else groups.push([queue]);
    sharing = typeof queue !== "string";
  }
  return groups;
}

/** Checks the name and weight of each queue. Returns each queue once. Throws `InvalidOptionError`. */
export function checkQueueChoices(queues: readonly QueueChoice[]): QueueChoice[] {
  const chosen = new Map<string, QueueChoice>();
  for (const [at, queue] of queues.entries()) {
    if (typeof queue !== "string") checkFields(`queues[${at}]`, queue, FIELDS);
    const name = checkText(`queues[${at}]`, typeof queue === "string" ? queue : queue.name, 100);
    if (typeof queue === "string") {
      if (!chosen.has(name)) chosen.set(name, queue);
      continue;
    }
    if (chosen.has(name)) {
      throw new InvalidOptionError("queues", "queues with weights of different names", `two named "${name}"`);
    }
    if (!(Number.isInteger(queue.weight) && queue.weight >= 1 && queue.weight <= WEIGHT_MAX)) {
      throw new InvalidOptionError(
        `queues: weight of "${name}"`,
        `an integer from 1 to ${WEIGHT_MAX}`,
        queue.weight,
      );
    }
    chosen.set(name, { name, weight: queue.weight });
  }
  return [...chosen.values()];
}

/** The names of chosen queues, in their order. */
export function queueNames(queues: readonly QueueChoice[]): string[] {
  return queues.map((queue) => (typeof queue === "string" ? queue : queue.name));
}
