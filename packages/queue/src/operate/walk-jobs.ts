import type { Executor } from "@millrace/base";
import { type IdRange, idBefore } from "./id-part.ts";
import { lastJobId } from "./last-job-id.sql.ts";
import type { StepRange, StepResult } from "./walk-step.sql.ts";

/** No id is smaller. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** The options of a walk over jobs. */
export interface WalkOptions {
  batchSize: number;
  /** The walk begins after this id. */
  after?: string | undefined;
  /** Walks only over these jobs, instead of over all jobs. */
  ids?: readonly string[] | undefined;
  /** Walks only over the jobs whose ids are in this range. */
  range?: IdRange | undefined;
  signal?: AbortSignal | undefined;
}

/** Where a walk ended. */
export interface Walked {
  /** False when the signal or a step stopped the walk early. */
  done: boolean;
  /** The last id that the walk looked at; null when there was no job. */
  after: string | null;
}

/** What a walk needs to know of a step. */
export interface WalkStep extends Pick<StepResult, "lastId"> {
  /** Whether the walk is to end after this step. */
  stop?: boolean;
  /** Whether the step ended at `lastId` before it looked at all jobs that it was given. */
  isCut?: boolean;
}

/** Runs a step for each batch of jobs in the order of their ids, one step after the other. */
export async function walkJobs(
  db: Executor,
  { batchSize, after, ids, range, signal }: WalkOptions,
  step: (range: StepRange) => Promise<WalkStep>,
): Promise<Walked> {
  let reached = after ?? null;
  const upTo = ids === undefined ? await lastId(db, range) : null;
  const named = ids === undefined ? null : inOrder(ids, { after, range });
  const first = range === undefined ? FIRST_ID : idBefore(range.first);
  for (let from = 0; ; ) {
    if (named !== null ? from >= named.length : upTo === null) return { done: true, after: reached };
    if (signal?.aborted === true) return { done: false, after: reached };
    const slice = named?.slice(from, from + batchSize);
    const result = await step(
      slice === undefined
        ? { above: later(reached, first), upTo: upTo ?? FIRST_ID, limit: batchSize }
        : { ids: slice },
    );
    if (result.stop === true) return { done: false, after: result.lastId };
    if (slice === undefined && result.lastId === null) return { done: true, after: reached };
    const last = slice?.at(-1);
    reached = last === undefined || result.isCut === true ? result.lastId : last;
    from += slice === undefined ? 0 : slice.indexOf(reached ?? "") + 1;
  }
}

/** Returns the last id to look at; null if there is no job. */
async function lastId(db: Executor, range: IdRange | undefined): Promise<string | null> {
  const last = await lastJobId(db);
  return last === null || range === undefined || last < range.last ? last : range.last;
}

function later(id: string | null, other: string): string {
  return id === null || id.toLowerCase() < other ? other : id;
}

function inOrder(ids: readonly string[], { after, range }: Pick<WalkOptions, "after" | "range">): string[] {
  const sorted = [...new Set(ids.map((id) => id.toLowerCase()))].sort();
  return sorted.filter(
    (id) =>
      (after === undefined || id > after.toLowerCase()) &&
      (range === undefined || (id >= range.first && id <= range.last)),
  );
}
