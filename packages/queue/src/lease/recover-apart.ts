import { type Executor, isDataError } from "@millrace/base";
import { type ExpiredClaim, findExpiredClaims } from "./expired-claims.sql.ts";
import { type RecoveredRuns, recoverJobs } from "./recover-jobs.sql.ts";
import { splitClaim } from "./split-claim.sql.ts";

/** What `recoverApart` needs. */
export interface RecoverApart {
  maxCrashes: number;
  limit: number;
  /** Called for each job that the database refuses to take back. The job stays as it is. */
  onRefused(error: unknown): void;
}

/**
 * Takes back runs after PostgreSQL has refused one of them, for instance because a trigger of the user refuses its
 * failure: then one such job would keep all others from being taken back. Halves the claims until the refused ones are
 * alone. A refused claim of several jobs is split, so that the next recovery takes back its other jobs.
 *
 * A claim may stay locked for a moment after the refused statement, until its transaction has ended. Such a claim is
 * left for the next recovery. If nothing else was done, the first refusal is told.
 */
export async function recoverApart(
  db: Executor,
  refusal: unknown,
  options: RecoverApart,
): Promise<RecoveredRuns> {
  const claims = await findExpiredClaims(db, options.limit);
  let isTold = false;
  const onRefused = (error: unknown) => {
    isTold = true;
    options.onRefused(error);
  };
  const parts = claims.length === 0 ? [] : await inHalves(db, claims, { ...options, onRefused });
  if (!isTold && parts.every(({ takenBack }) => takenBack.length === 0)) onRefused(refusal);
  return {
    requeued: parts.flatMap(({ requeued }) => requeued),
    failed: parts.flatMap(({ failed }) => failed),
    canceled: parts.flatMap(({ canceled }) => canceled),
    takenBack: parts.flatMap(({ takenBack }) => takenBack),
    // The refused statement did not say whether there are any.
    hasChores: true,
  };
}

async function inHalves(
  db: Executor,
  claims: readonly ExpiredClaim[],
  options: RecoverApart,
): Promise<RecoveredRuns[]> {
  const ids = claims.map(({ id }) => id);
  try {
    return [await recoverJobs(db, options.maxCrashes, options.limit, ids)];
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [first] = claims;
    if (first !== undefined && claims.length === 1) {
      await split(db, first);
      options.onRefused(error);
      return [];
    }
  }
  const middle = Math.ceil(claims.length / 2);
  return [
    ...(await inHalves(db, claims.slice(0, middle), options)),
    ...(await inHalves(db, claims.slice(middle), options)),
  ];
}

/** Gives each job of a claim a claim of its own. */
async function split(db: Executor, { jobs, leaseToken }: ExpiredClaim): Promise<void> {
  for (const id of jobs.slice(1)) await splitClaim(db, { id, leaseToken });
}
