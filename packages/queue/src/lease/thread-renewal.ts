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

/** What renewal by a thread needs, besides the options of every renewal. */
export interface ThreadRenewalOptions extends LeaseRenewalOptions {
  connection: ConnectionConfig;
  maxBlockedMs: number;
}

/**
 * How often the loop tells the thread which leases it holds: every `SAY_MS`, or every `SAY_PART` of the lease if that
 * is less.
 */
const SAY_MS = 1_000;
const SAY_PART = 1 / 15;

/**
 * Renews a worker's leases from a thread with a connection of its own, so that a handler that blocks the event loop
 * keeps its lease.
 *
 * - If the loop is blocked for longer than `maxBlockedMs`, it counts as dead, and its leases run out.
 * - If the thread's renewal fails, the loop renews once.
 * - If the thread ends, the loop renews from then on.
 */
export function startThreadRenewal(options: ThreadRenewalOptions): LeaseRenewal {
  return new ThreadRenewal(options);
}

class ThreadRenewal implements LeaseRenewal {
  readonly #options: ThreadRenewalOptions;
  readonly #port: RenewalThreadPort;
  readonly #beat: Beat;
  /** Whether the last message said that no run is held. Then the next such message is not needed. */
  #saidNothingHeld = true;
  /** The renewal by the loop after the thread has ended; null while the thread lives. */
  #substitute: LeaseRenewal | null = null;
  /** The renewal by the loop that helps the thread once; null if none is under way. */
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

  get by(): "thread" | "loop" {
    return this.#substitute === null ? "thread" : "loop";
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
    const { clock, held, onError, onCounted } = this.#options;
    if (message.kind === "error") {
      const { code } = message;
      onError(Object.assign(new Error(message.message), code === undefined ? {} : { code }));
      this.#help();
      return;
    }
    const counts = applyRenewal(held(), {
      // Both threads share `processNow`, but not the worker's clock.
      sentAt: clock.now() - (processNow() - message.sentAt),
      renewed: textToLeases(message.renewed),
      locked: textToLeases(message.locked),
      refused: textToLeases(message.refused),
      cancelRequested: textToLeases(message.cancelRequested),
    });
    onCounted?.(counts);
  }

  /**
   * Renews all leases once from the loop, beside the thread: the thread's connection failed, and the pool may have a
   * good one, or a caller cannot wait for the thread. Leases whose claim is locked are left to the thread.
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
