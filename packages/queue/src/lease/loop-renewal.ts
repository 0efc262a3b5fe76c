import type { Clock } from "@millrace/base";
import { type Beat, startBeat } from "@millrace/base";
import { JobCanceledError, LeaseLostError } from "../errors.ts";
import type { ExtendResult } from "../job/extend-result.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import type { Run } from "../run/run.ts";
import { LockedRetry } from "./locked-retry.ts";

/** What renewal needs. */
export interface LeaseRenewalOptions {
  /** Extends leases by one statement. */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  clock: Clock;
  leaseSeconds: number;
  running(): Iterable<Run>;
  onError(error: unknown): void;
}

/** What keeps a worker's leases. */
export interface LeaseRenewal {
  /** Runs were claimed; told before any of their handlers begins. */
  began(runs: readonly Run[]): void;
  /** Takes in what renewals elsewhere came to, so that `leasedAt` of every run is what is known now. */
  catchUp(): void;
  /** Renews now. */
  wake(): void;
  stop(): Promise<void>;
}

/** Part of the lease that must be left when handlers are aborted, so that they have ended when it runs out. */
const ABORT_MARGIN = 0.15;

/** After a failed renewal the next is tried after this part of the lease, or 1 s if that is less. */
const RETRY_PART = 1 / 30;

/**
 * Extends all of a worker's leases in one statement, each third of a lease, from the worker's own loop: a handler that
 * blocks the loop keeps it from renewing. Aborts runs whose lease is lost, and those asked to be canceled. A row that
 * is locked is tried again by itself until the next renewal of all.
 */
export function startLoopRenewal(
  options: LeaseRenewalOptions,
  firstMs = (options.leaseSeconds * 1_000) / 3,
): LeaseRenewal {
  const leaseMs = options.leaseSeconds * 1_000;
  const locked = new LockedRetry<Run>();
  /** Ms from the last renewal to the next one of all leases; 0 when that is the one to come. */
  let untilAllMs = 0;

  async function renewSome(): Promise<void> {
    const again = untilAllMs > 0;
    const startedAt = options.clock.now();
    const held = new Set(options.running());
    const runs = again ? locked.held.filter((run) => held.has(run)) : [...held];
    locked.passedOver(await renew(runs, options), { again });
    // What trying again takes must not delay the renewal of all: one locked row would cost the others their leases.
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
        return Math.min(1_000, leaseMs * RETRY_PART);
      }
      const waitMs = Math.min(untilAllMs, locked.waitMs);
      untilAllMs -= waitMs;
      return waitMs;
    },
  });
  return {
    began: () => {},
    catchUp: () => {},
    wake() {
      untilAllMs = 0;
      beat.wake();
    },
    stop: beat.stop,
  };
}

/** Aborts, by timers of its own, runs whose lease is about to run out: a renewal that hangs must not delay it. */
export function startLeaseGuard(
  { clock, leaseSeconds, running }: LeaseRenewalOptions,
  renewal: LeaseRenewal,
): Beat {
  const leaseMs = leaseSeconds * 1_000;
  return startBeat({
    clock,
    firstMs: leaseMs / 3,
    async work() {
      // After a block the timers come first, and what a thread has renewed meanwhile is not yet told.
      renewal.catchUp();
      const limit = clock.now() + leaseMs * ABORT_MARGIN;
      for (const run of running()) {
        const leaseEndsAt = Math.max(run.leasedAt + leaseMs, run.heldUntil);
        if (leaseEndsAt < limit) run.abort(new LeaseLostError(run.job.id));
      }
      return leaseMs / 30;
    },
  });
}

/** Renews these runs' leases. Returns those whose row was locked, which are to be tried again. */
async function renew(
  runs: readonly Run[],
  { extend, clock, leaseSeconds }: LeaseRenewalOptions,
): Promise<Run[]> {
  const living = runs.filter((run) => !(run.abortReason instanceof LeaseLostError));
  if (living.length === 0) return [];
  const sentAt = clock.now();
  const result = await extend(
    living.map((run) => run.job),
    leaseSeconds,
  );
  const [refused, locked, canceled] = [result.refused, result.locked, result.cancelRequested].map(
    (leases) => new Set(leases.map(runKey)),
  );
  for (const run of living) {
    const key = runKey(run.job);
    if (refused?.has(key)) run.abort(new LeaseLostError(run.job.id));
    else tellLease(run, { sentAt, locked: locked?.has(key) ?? false });
    if (canceled?.has(key)) run.abort(new JobCanceledError(run.job.id));
  }
  return living.filter((run) => run.passedOver && locked?.has(runKey(run.job)));
}

/**
 * Tells a run what a renewal sent at `sentAt` came to. A locked row was not renewed; but of a run that completes in its
 * handler's transaction, that transaction is the lock, and keeps everyone off.
 */
export function tellLease(run: Run, { sentAt, locked }: { sentAt: number; locked: boolean }): void {
  if (!locked) run.wasWritten(sentAt);
  run.passedOver = locked && !run.completing;
  if (!run.passedOver) run.leasedAt = Math.max(run.leasedAt, sentAt);
}
