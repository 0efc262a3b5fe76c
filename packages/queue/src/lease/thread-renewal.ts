import { type Beat, processNow, startBeat } from "@millrace/base";
import type { RenewalThreadError } from "../errors.ts";
import type { Run } from "../run/run.ts";
import { applyRenewal } from "./apply-renewal.ts";
import type { LeaseRenewal, LeaseRenewalOptions } from "./lease-renewal.ts";
import { startLoopRenewal } from "./loop-renewal.ts";
import {
  type ConnectionConfig,
  type FromRenewalThread,
  leasesToText,
  type ToRenewalThread,
  textToLeases,
} from "./renewal-message.ts";
import { RenewalThreadPort } from "./renewal-thread-port.ts";

/** What renewal by a thread needs, besides what every renewal needs. */
export interface ThreadRenewalOptions extends LeaseRenewalOptions {
  connection: ConnectionConfig;
  maxBlockedMs: number;
}

/**
 * How often the loop says which leases it holds, in ms. With a short lease, the loop does so at each `SAY_PART` of it.
 */
const SAY_MS = 1_000;
const SAY_PART = 1 / 15;

/**
 * Keeps a worker's leases by a thread with a connection of its own, so that a handler that blocks the loop keeps its
 * lease. A loop that is blocked for longer than `maxBlockedMs` is taken for dead, and its leases run out. When the
 * thread cannot renew, the loop tries; when the thread ends, the loop takes over.
 */
export function startThreadRenewal(options: ThreadRenewalOptions): LeaseRenewal {
  return new ThreadRenewal(options);
}

class ThreadRenewal implements LeaseRenewal {
  readonly #options: ThreadRenewalOptions;
  readonly #port: RenewalThreadPort;
  readonly #beat: Beat;
  /** Whether the last message said that nothing is held. Then the loop need not say so again. */
  #saidNothingHeld = true;
  /** Renewal by the loop in the thread's place; null while the thread lives. */
  #substitute: LeaseRenewal | null = null;
  /** The one renewal by the loop beside the thread; null when there is none. */
  #helping: Promise<void> | null = null;
  #stopping = false;

  constructor(options: ThreadRenewalOptions) {
    this.#options = options;
    const { connection, leaseSeconds, maxBlockedMs, clock } = options;
    this.#port = new RenewalThreadPort(
      { connection, leaseSeconds, maxBlockedMs },
      { onMessage: (message) => this.#hear(message), onEnd: (error) => this.#takeOver(error) },
    );
    this.#beat = startBeat({ clock, firstMs: 0, work: () => this.#sayWhatIsHeld() });
  }

  runsClaimed(runs: readonly Run[]): void {
    this.#saidNothingHeld = false;
    this.#send({ kind: "claimed", leases: leasesToText(runs.map((run) => run.job)) });
  }

  catchUp(): void {
    this.#port.receiveArrived();
  }

  wake(): void {
    if (this.#substitute === null) this.#help();
    else this.#substitute.wake();
  }

  async stop(): Promise<void> {
    await this.#beat.stop();
    this.#stopping = true;
    await Promise.all([this.#port.stop(this.#options.clock), this.#substitute?.stop(), this.#helping]);
  }

  async #sayWhatIsHeld(): Promise<number> {
    const { held, leaseSeconds } = this.#options;
    const leases = leasesToText([...held()].map((run) => run.job));
    if (leases !== "" || !this.#saidNothingHeld) this.#send({ kind: "held", leases });
    this.#saidNothingHeld = leases === "";
    return Math.min(SAY_MS, leaseSeconds * 1_000 * SAY_PART);
  }

  #send(message: ToRenewalThread): void {
    if (this.#substitute === null && !this.#stopping) this.#port.send(message);
  }

  #hear(message: FromRenewalThread): void {
    const { clock, held, onError } = this.#options;
    if (message.kind === "error") {
      const { code } = message;
      onError(Object.assign(new Error(message.message), code === undefined ? {} : { code }));
      this.#help();
      return;
    }
    applyRenewal(held(), {
      // `processNow` is the same in both threads; the worker's clock is not.
      sentAt: clock.now() - (processNow() - message.sentAt),
      renewed: textToLeases(message.renewed),
      locked: textToLeases(message.locked),
      refused: textToLeases(message.refused),
      cancelRequested: textToLeases(message.cancelRequested),
    });
  }

  /**
   * Renews all leases once from the loop, beside the thread. Reasons: the thread's connection failed and the pool's may
   * not, or a caller cannot wait for the thread. A lease whose row is locked is left to the thread.
   */
  #help(): void {
    if (this.#substitute !== null || this.#stopping || this.#helping !== null) return;
    const once = startLoopRenewal({ ...this.#options, onError: () => {} }, 0);
    once.wake();
    this.#helping = once.stop().finally(() => {
      this.#helping = null;
    });
  }

  #takeOver(error: RenewalThreadError): void {
    if (this.#stopping || this.#substitute !== null) return;
    this.#substitute = startLoopRenewal(this.#options, 0);
    this.#options.onError(error);
  }
}
