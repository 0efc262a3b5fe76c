import type { ExtendResult } from "../job/extend-result.ts";
import type { Lease } from "../job/job.ts";
import { KnownLeases } from "./known-leases.ts";
import { LockedRetry } from "./locked-retry.ts";
import type { ToRenewalThread } from "./renewal-message.ts";

/** After a failed renewal, the next renewal is tried after this many ms. */
const RETRY_MS = 500;

/**
 * A due renewal waits this part of the lease for a message of the loop that names the held runs, so that it does not
 * name runs that have ended. A loop that sends no such message in this time is blocked.
 */
const RUNS_NAMED_PART = 1 / 10;

/** The leases that a renewal thread must renew now. If `leases` is empty, no renewal is due. */
export interface DueRenewal {
  leases: Lease[];
  /** Whether a renewal skipped these leases before. If not, these are all leases that the thread knows. */
  again: boolean;
}

/** The options of a `RenewalTiming`. */
export interface RenewalTimingOptions {
  leaseMs: number;
  /** How long the loop may send no message, in ms. After that it counts as dead, and its leases run out. */
  maxBlockedMs: number;
  now: number;
}

/** Decides which leases a renewal thread renews, and when. Every `now` is in ms of one clock. */
export class RenewalTiming {
  readonly #leaseMs: number;
  readonly #maxBlockedMs: number;
  readonly #known = new KnownLeases();
  readonly #locked = new LockedRetry<Lease>();
  /** When the loop sent its last message. */
  #heardAt: number;
  /** When the loop last sent a message that names the held runs. */
  #runsNamedAt = Number.NEGATIVE_INFINITY;
  /** When the last renewal of all leases was sent, or the first known lease was claimed. */
  #renewedAt: number;
  /** When the last renewal was answered. */
  #skippedAt = 0;
  /** After a failed renewal, nothing is renewed before this instant. */
  #retryAt = 0;

  constructor({ leaseMs, maxBlockedMs, now }: RenewalTimingOptions) {
    this.#leaseMs = leaseMs;
    this.#maxBlockedMs = maxBlockedMs;
    this.#heardAt = now;
    this.#renewedAt = now;
  }

  /** Takes a message of the loop. Returns whether a renewal of all leases is due at once because of it. */
  hear(message: Exclude<ToRenewalThread, { kind: "stop" }>, now: number): boolean {
    this.#heardAt = now;
    if (message.kind === "claimed") {
      // No lease was known before, so every lease that the worker holds was claimed just now.
      if (this.#known.isEmpty) this.#renewedAt = now;
      this.#known.add(message.leases);
      return false;
    }
    this.#known.replace(message.leases);
    this.#runsNamedAt = now;
    return this.#allAreDue(now);
  }

  /** The leases to renew now: all leases if they are due, else the skipped leases if it is time to try them again. */
  due(now: number): DueRenewal {
    if (this.#allAreDue(now)) return { leases: this.#known.all(), again: false };
    const mayTry = now - this.#skippedAt >= this.#locked.waitMs && this.#mayRenew(now);
    if (!mayTry) return { leases: [], again: true };
    const leases = this.#known.among(this.#locked.items);
    if (leases.length === 0) this.#locked.skipped([], { again: true });
    return { leases, again: true };
  }

  /** A renewal that was sent at `sentAt` has been answered. */
  answered(
    { refused, locked }: Pick<ExtendResult, "refused" | "locked">,
    { again, sentAt, now }: { again: boolean; sentAt: number; now: number },
  ): void {
    if (!again) this.#renewedAt = sentAt;
    this.#locked.skipped(locked, { again });
    this.#skippedAt = now;
    for (const lease of refused) this.#known.remove(lease);
  }

  /** A renewal has failed. */
  failed(now: number): void {
    this.#retryAt = now + RETRY_MS;
  }

  /** Ms until skipped leases are tried again; `Infinity` if there are none. */
  get waitMs(): number {
    return this.#locked.waitMs;
  }

  /** Whether all leases are due, and the loop has named the held runs since they became due, or is blocked. */
  #allAreDue(now: number): boolean {
    const dueAt = this.#renewedAt + this.#leaseMs / 3;
    if (this.#known.isEmpty || now < dueAt || !this.#mayRenew(now)) return false;
    return this.#runsNamedAt >= dueAt || now >= dueAt + this.#leaseMs * RUNS_NAMED_PART;
  }

  #mayRenew(now: number): boolean {
    return now >= this.#retryAt && now - this.#heardAt <= this.#maxBlockedMs;
  }
}
