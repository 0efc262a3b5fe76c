import { startBeat } from "@millrace/base";
import { LeaseLostError } from "../errors.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Run } from "../run/run.ts";
import { applyRenewal } from "./apply-renewal.ts";
import type { LeaseRenewal, LeaseRenewalOptions } from "./lease-renewal.ts";
import { LockedRetry } from "./locked-retry.ts";
import { renewedLeases } from "./renewed-leases.ts";

/** After a failed renewal, the next renewal is tried after this part of the lease, or after 1 s if that is less. */
const RETRY_PART = 1 / 30;
const RETRY_MAX_MS = 1_000;

/**
 * Renews all leases of a worker from its event loop, each third of a lease. A handler that blocks the loop also blocks
 * renewal. Aborts each run whose lease is lost, and each run whose cancel was requested. Between the renewals of all
 * leases, runs whose claim was locked are tried again by themselves.
 */
export function startLoopRenewal(
  options: LeaseRenewalOptions,
  firstMs = (options.leaseSeconds * 1_000) / 3,
): LeaseRenewal {
  const leaseMs = options.leaseSeconds * 1_000;
  const locked = new LockedRetry<Run>();
  /** Ms until the next renewal of all leases; 0: the next renewal is of all leases. */
  let untilAllMs = 0;

  async function renewSome(): Promise<void> {
    const again = untilAllMs > 0;
    const startedAt = options.clock.now();
    const held = new Set(options.held());
    const runs = again ? locked.items.filter((run) => held.has(run)) : [...held];
    locked.skipped(await renew(runs, options), { again });
    // The time that the retry took counts, too: one locked claim must not delay the renewal of the other leases.
    untilAllMs = again ? Math.max(0, untilAllMs - (options.clock.now() - startedAt)) : leaseMs / 3;
  }

  const beat = startBeat({
    clock: options.clock,
    firstMs,
    async work() {
      try {
        await renewSome();
      } catch (error) {
        options.onError(error);
        untilAllMs = 0;
        return Math.min(RETRY_MAX_MS, leaseMs * RETRY_PART);
      }
      const waitMs = Math.min(untilAllMs, locked.waitMs);
      untilAllMs -= waitMs;
      return waitMs;
    },
  });
  return {
    by: "loop",
    runsClaimed: () => {},
    catchUp: () => {},
    wake() {
      untilAllMs = 0;
      beat.wake();
    },
    stop: beat.stop,
  };
}

/** Renews the leases of these runs. Returns the runs whose claim was locked: they must be tried again. */
async function renew(
  runs: readonly Run[],
  { extend, clock, leaseSeconds, onCounted }: LeaseRenewalOptions,
): Promise<Run[]> {
  const living = runs.filter((run) => !(run.abortReason instanceof LeaseLostError));
  if (living.length === 0) return [];
  const sentAt = clock.now();
  const leases = living.map((run) => run.job);
  const result = await extend(leases, leaseSeconds);
  const counts = applyRenewal(living, { ...result, sentAt, renewed: renewedLeases(leases, result) });
  onCounted?.(counts);
  const locked = new Set(result.locked.map(runKey));
  return living.filter((run) => run.claimLocked && locked.has(runKey(run.job)));
}
