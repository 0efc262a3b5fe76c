import type { WorkerRow } from "@millrace/api/client";

/** How a worker is: one word, and why. */
export interface WorkerStanding {
  word: "working" | "waiting" | "paused" | "gone" | "unknown";
  /** A sentence; null where the word says all. */
  why: string | null;
}

/** A living worker is seen at least this often. */
const SEEN_WITHIN = "30 s";

/** Says how a worker is. `ago` says how long ago an instant was: `3 min ago`. */
export function workerStanding(worker: WorkerRow, ago: (instant: string) => string): WorkerStanding {
  if (worker.alive) return livingStanding(worker);
  if (worker.seenAt === null) {
    const why = "A program that runs jobs by itself, or a worker long gone: it does not tell that it lives.";
    return { word: "unknown", why };
  }
  return {
    word: "gone",
    why: `Not seen for ${SEEN_WITHIN} or longer: last ${ago(worker.seenAt)}. ${fate(worker)}`,
  };
}

function livingStanding({ pausedAt, running }: WorkerRow): WorkerStanding {
  if (pausedAt !== null) return { word: "paused", why: "It claims no jobs until it is resumed." };
  return { word: running > 0 ? "working" : "waiting", why: null };
}

/** What becomes of the jobs that a worker held when it went. */
function fate({ running }: WorkerRow): string {
  if (running === 0) return "It held no jobs.";
  const held = running === 1 ? "The job that it holds is" : `The ${running} jobs that it holds are`;
  return `${held} taken back when the lease ends.`;
}

/** The share of a worker's slots that are taken, from 0 to 1; null where the worker did not tell its slots. */
export function slotShare({
  running,
  concurrency,
}: Pick<WorkerRow, "running" | "concurrency">): number | null {
  return concurrency === null || concurrency === 0 ? null : Math.min(1, running / concurrency);
}

/** The workers in the order of the page: those that live, then those that hold jobs, then by their id. */
export function orderedWorkers(workers: readonly WorkerRow[]): WorkerRow[] {
  const rank = ({ alive, running }: WorkerRow) => (alive ? 0 : running > 0 ? 1 : 2);
  return workers.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}
