import { type Beat, type Clock, type ListenPool, startListener } from "@millrace/base";
import type { ClaimLoop } from "../claim/claim-loop.ts";
import type { LeaseRenewal } from "../lease/lease-renewal.ts";
import { reachCanceledRun } from "../run/reach-canceled-run.ts";
import type { RecentCancels } from "../run/recent-cancels.ts";
import type { Run } from "../run/run.ts";
import { LISTEN_CHANNEL, type Notice, parseNotice } from "../wake/notice.ts";

/** The parts of a worker that react to notices. */
export interface NoticeHearers {
  claimLoop: Pick<ClaimLoop, "wake">;
  renewal: Pick<LeaseRenewal, "wake">;
  /** Every run that the worker holds. */
  held(): Iterable<Run>;
  cancels: RecentCancels;
}

/** The options of `startHearingNotices`. */
export interface HearNoticesOptions extends NoticeHearers {
  pool: ListenPool;
  clock: Clock;
  onError(error: unknown): void;
}

/**
 * Listens over one connection of the pool. A notice of an enqueue wakes the claim loop. A notice of a cancel aborts the
 * run that it names.
 */
export function startHearingNotices({ pool, clock, onError, ...hearers }: HearNoticesOptions): Beat {
  return startListener({
    pool,
    clock,
    channel: LISTEN_CHANNEL,
    onNotice: (text) => hearNotice(parseNotice(text), hearers),
    onError,
  });
}

/** Passes a notice on. `undefined`: any lane may have due jobs, after a resume, a reconnect or an unknown text. */
function hearNotice(notice: Notice | undefined, { claimLoop, renewal, held, cancels }: NoticeHearers): void {
  if (notice?.kind === "cancel-requested") {
    const { jobId: id, leaseToken } = notice;
    reachCanceledRun({ id, leaseToken }, { held: held(), cancels });
    return;
  }
  claimLoop.wake(notice);
  // A renewal also returns the runs whose cancel was requested while the worker did not listen.
  if (notice === undefined) renewal.wake();
}
