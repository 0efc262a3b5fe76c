import type { Executor } from "@millrace/base";
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
  signal?: AbortSignal | undefined;
}

/** Where a walk ended. */
export interface Walked {
  /** False when the signal stopped the walk early. */
  done: boolean;
  /** The last id that the walk looked at; null when there was no job. */
  after: string | null;
}

/** Runs a step for each batch of jobs in the order of their ids, one step after the other. */
export async function walkJobs<Step extends Pick<StepResult, "after">>(
  db: Executor,
  { batchSize, after, ids, signal }: WalkOptions,
  step: (range: StepRange) => Promise<Step>,
): Promise<Walked> {
  let reached = after ?? null;
  const upTo = ids === undefined ? await lastJobId(db) : null;
  const named = ids === undefined ? null : inOrder(ids, after);
  for (let from = 0; ; from += batchSize) {
    if (named !== null ? from >= named.length : upTo === null) return { done: true, after: reached };
    if (signal?.aborted === true) return { done: false, after: reached };
    const slice = named?.slice(from, from + batchSize);
    const result = await step(
      slice === undefined
        ? { after: reached ?? FIRST_ID, upTo: upTo ?? FIRST_ID, limit: batchSize }
        : { ids: slice },
    );
    if (slice === undefined && result.after === null) return { done: true, after: reached };
    reached = slice?.at(-1) ?? result.after;
  }
}

function inOrder(ids: readonly string[], after: string | undefined): string[] {
  const sorted = [...new Set(ids.map((id) => id.toLowerCase()))].sort();
  return after === undefined ? sorted : sorted.filter((id) => id > after.toLowerCase());
}
