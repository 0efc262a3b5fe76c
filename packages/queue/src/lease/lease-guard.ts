import { type Beat, startBeat } from "@millrace/base";
import { LeaseLostError } from "../errors.ts";
import type { LeaseRenewal, LeaseRenewalOptions } from "./lease-renewal.ts";

/** Part of the lease that must be left when handlers are aborted, so that they have ended when the lease runs out. */
const ABORT_MARGIN = 0.15;

/** How often the guard looks at the leases: after each such part of the lease. */
const LOOK_PART = 1 / 30;

/**
 * Aborts runs whose lease is about to run out, because nobody could renew it. The guard has timers of its own: a
 * renewal that hangs must not delay the abort.
 */
export function startLeaseGuard(
  { clock, leaseSeconds, held }: Pick<LeaseRenewalOptions, "clock" | "leaseSeconds" | "held">,
  renewal: Pick<LeaseRenewal, "catchUp">,
): Beat {
  const leaseMs = leaseSeconds * 1_000;
  return startBeat({
    clock,
    firstMs: leaseMs / 3,
    async work() {
      // After a block of the loop timers come first: what the thread renewed meanwhile has arrived, but is not read.
      renewal.catchUp();
      const limit = clock.now() + leaseMs * ABORT_MARGIN;
      for (const run of held()) {
        const leaseEndsAt = Math.max(run.leasedAt + leaseMs, run.heldUntil);
        if (leaseEndsAt < limit) run.abort(new LeaseLostError(run.job.id));
      }
      return leaseMs * LOOK_PART;
    },
  });
}
