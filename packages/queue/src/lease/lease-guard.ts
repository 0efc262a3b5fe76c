import { type Beat, startBeat } from "@millrace/base";
import { LeaseLostError } from "../errors.ts";
import type { LeaseRenewal, LeaseRenewalOptions } from "./lease-renewal.ts";

/** A run is aborted when this part of its lease is left, so that its handler can end before the lease does. */
const ABORT_MARGIN = 0.15;

/** The guard checks the leases once in this part of the lease. */
const LOOK_PART = 1 / 30;

/**
 * Aborts runs whose lease is about to run out because it was not renewed. The guard has timers of its own: a renewal
 * that hangs must not delay the abort.
 */
export function startLeaseGuard(
  {
    clock,
    leaseSeconds,
    held,
    onCounted,
  }: Pick<LeaseRenewalOptions, "clock" | "leaseSeconds" | "held" | "onCounted">,
  renewal: Pick<LeaseRenewal, "catchUp">,
): Beat {
  const leaseMs = leaseSeconds * 1_000;
  return startBeat({
    clock,
    firstMs: leaseMs / 3,
    async work() {
      // After the event loop was blocked, timers run before messages. So read the thread's messages first: they may
      // report renewals.
      renewal.catchUp();
      const limit = clock.now() + leaseMs * ABORT_MARGIN;
      let lost = 0;
      for (const run of held()) {
        if (run.leaseEndsAt(leaseMs) < limit && run.abort(new LeaseLostError(run.job.id))) lost += 1;
      }
      if (lost > 0) onCounted?.({ renewed: 0, lost });
      return leaseMs * LOOK_PART;
    },
  });
}
