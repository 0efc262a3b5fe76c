import { JobCanceledError, LeaseLostError } from "../errors.ts";
import type { ExtendResult } from "../job/extend-result.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import type { Run } from "../run/run.ts";

/** What became of each lease that a renewal named. */
export interface RenewalResult extends ExtendResult {
  /** The worker's clock when the statement was sent. */
  sentAt: number;
  renewed: readonly Lease[];
}

/**
 * Notes the result of a renewal on the runs. Aborts each run whose lease is lost, and each run whose cancel was
 * requested.
 */
export function applyRenewal(runs: Iterable<Run>, result: RenewalResult): void {
  const byKey = new Map([...runs].map((run) => [runKey(run.job), run]));
  const runsOf = (leases: readonly Lease[]) => leases.flatMap((lease) => byKey.get(runKey(lease)) ?? []);
  for (const run of runsOf(result.renewed)) noteRenewed(run, result.sentAt);
  for (const run of runsOf(result.locked)) noteLocked(run, result.sentAt);
  for (const run of runsOf(result.refused)) run.abort(new LeaseLostError(run.job.id));
  for (const run of runsOf(result.cancelRequested)) run.abort(new JobCanceledError(run.job.id));
}

function noteRenewed(run: Run, sentAt: number): void {
  run.claimWasWritten(sentAt);
  run.claimLocked = false;
  run.leasedAt = Math.max(run.leasedAt, sentAt);
}

/**
 * A locked row was not renewed. But if the run completes in its handler's transaction, that transaction has locked the
 * row. Then nobody else can take the job, and the lease is as good as renewed.
 */
function noteLocked(run: Run, sentAt: number): void {
  run.claimLocked = !run.mayBeCompleting;
  if (run.mayBeCompleting) run.leasedAt = Math.max(run.leasedAt, sentAt);
}
