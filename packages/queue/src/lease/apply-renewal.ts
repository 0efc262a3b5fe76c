import { JobCanceledError, LeaseLostError } from "../errors.ts";
import type { ExtendResult } from "../job/extend-result.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import type { Run } from "../run/run.ts";
import type { LeaseCounts } from "./lease-renewal.ts";

/** What became of the leases that a renewal named. */
export interface RenewalResult extends ExtendResult {
  /** When the statement was sent, by the worker's clock. */
  sentAt: number;
  /** The leases that were extended. */
  renewed: readonly Lease[];
}

/**
 * Records the result of a renewal in the runs. Aborts each run whose lease is lost, and each run whose cancel was
 * requested. Returns how many of the leases were renewed, and how many were lost.
 */
export function applyRenewal(runs: Iterable<Run>, result: RenewalResult): LeaseCounts {
  const byKey = new Map([...runs].map((run) => [runKey(run.job), run]));
  const runsOf = (leases: readonly Lease[]) => leases.flatMap((lease) => byKey.get(runKey(lease)) ?? []);
  for (const run of runsOf(result.renewed)) noteRenewed(run, result.sentAt);
  for (const run of runsOf(result.locked)) noteLocked(run, result.sentAt);
  let lost = 0;
  for (const run of runsOf(result.refused)) if (run.abort(new LeaseLostError(run.job.id))) lost += 1;
  for (const run of runsOf(result.cancelRequested)) run.abort(new JobCanceledError(run.job.id));
  return { renewed: result.renewed.length, lost };
}

function noteRenewed(run: Run, sentAt: number): void {
  run.claimWasWritten(sentAt);
  run.claimLocked = false;
  run.leasedAt = Math.max(run.leasedAt, sentAt);
}

/**
 * A locked claim was not renewed. But if the run is completing in its handler's transaction, that transaction holds the
 * lock. Nobody else can take the job while the lock lasts, so this counts as a renewal.
 */
function noteLocked(run: Run, sentAt: number): void {
  run.claimLocked = !run.mayBeCompleting;
  if (run.mayBeCompleting) run.leasedAt = Math.max(run.leasedAt, sentAt);
}
