import { checkFields, checkText, fieldNames, InvalidOptionError } from "@millrace/base";

/** A queue to claim from: by name alone, or with its weight beside its neighbours that have one. */
export type QueueChoice = string | WeightedQueue;

/** A queue and its share: of claims that several queues compete for, `weight` parts go to this one. */
export interface WeightedQueue {
  name: string;
  /** 1 to 1,000. */
  weight: number;
}

/** One step of a weighted claim: take so many jobs from a queue, after skipping those of an earlier step. */
export interface ClaimTurn {
  queue: string;
  offset: number;
  most: number;
}

const WEIGHT_MAX = 1_000;

const FIELDS = fieldNames<WeightedQueue>({ name: true, weight: true });

/** A queue may be owed, or owe, no more than this many jobs: what it missed long ago is not made up for. */
const CREDIT_MAX = 1_000;

/**
 * Shares claims between queues in proportion to their weights, over time. Queues without a weight come in their order,
 * each before all that follow. Neighbours with weights share what is left when it is their turn. A credit remembers by
 * how many jobs a queue with a backlog got too little or too much (smooth weighted round-robin). A queue that had fewer
 * jobs than its share starts anew: nothing is saved up for it, and the others get what it left.
 */
export class QueueWeights {
  readonly #groups: readonly (readonly WeightedQueue[])[];
  readonly #credits = new Map<string, number>();

  constructor(queues: readonly QueueChoice[]) {
    this.#groups = groupsOf(queues);
  }

  /** Whether any queues share; if none do, their order is enough. */
  get shares(): boolean {
    return this.#groups.some((group) => group.length > 1);
  }

  /**
   * The turns of a claim of `limit` jobs from the queues that may have some. The first turns of a group take its
   * shares, the next ones what is left.
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

  /** What each queue of a group gets of `limit`, the first to be served first. */
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
    // Who is owed most goes first: when less is left than the shares need, the others wait.
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

/** What is known of a group's part of a claim. */
interface GroupTaken {
  /** The queues that had a turn. */
  served: ReadonlySet<string>;
  first: readonly ClaimTurn[];
  counts: ReadonlyMap<string, number>;
  /** How many jobs were wanted when it was the group's turn. */
  left: number;
  taken: number;
}

/** The queues of a group that had less than their share, and those that had no turn. */
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
    // Beyond this turn nothing was looked for.
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

/** Queues as they were chosen, each once and with its name and weight checked. Throws `InvalidOptionError`. */
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
