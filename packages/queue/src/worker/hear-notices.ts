import { type Beat, type Clock, type ListenPool, startListener } from "@millrace/base";
import type { ClaimLoop } from "../claim/claim-loop.ts";
import type { LeaseRenewal } from "../lease/lease-renewal.ts";
import { reachCanceledRun } from "../run/reach-canceled-run.ts";
import type { RecentCancels } from "../run/recent-cancels.ts";
import type { Run } from "../run/run.ts";
import { LISTEN_CHANNEL, type Notice, parseNotice } from "../wake/notice.ts";

/** Who learns of what a notice says. */
export interface NoticeHearers {
  claimLoop: Pick<ClaimLoop, "wake">;
  renewal: Pick<LeaseRenewal, "wake">;
  /** Every run that is held. */
  held(): Iterable<Run>;
  cancels: RecentCancels;
}

/** What hearing notices needs. */
export interface HearNoticesOptions extends NoticeHearers {
  pool: ListenPool;
  clock: Clock;
  onError(error: unknown): void;
}

/** Listens, over one connection of the pool: an enqueue wakes the claim loop, a cancel aborts its run. */
export function startHearingNotices({ pool, clock, onError, ...hearers }: HearNoticesOptions): Beat {
  return startListener({
    pool,
    clock,
    channel: LISTEN_CHANNEL,
    onNotice: (text) => hearNotice(parseNotice(text), hearers),
    onError,
  });
}

/** Passes a notice on. `undefined` when notices may have been missed, as when the worker begins to listen. */
function hearNotice(notice: Notice | undefined, { claimLoop, renewal, held, cancels }: NoticeHearers): void {
  if (notice?.kind === "cancel-requested") {
    const { jobId: id, leaseToken } = notice;
    reachCanceledRun({ id, leaseToken }, { held: held(), cancels });
    return;
  }
  claimLoop.wake(notice);
  // A renewal tells which runs were asked to be canceled while nobody listened.
  if (notice === undefined) renewal.wake();
}
