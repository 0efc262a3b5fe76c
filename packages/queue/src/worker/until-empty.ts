import { type Clock, isTransient, pause } from "@millrace/base";
import type { ClaimLoop } from "../claim/claim-loop.ts";
import type { Slots } from "../run/slots.ts";
import type { WorkerEvent } from "./worker-event.ts";

/**
 * What became of the runs of a worker that ran until its queues were empty. A job that was retried at once and
 * completed then counts in both.
 */
export interface EmptyCounts {
  completed: number;
  /** Failed for good. */
  failed: number;
  /** Failed, and queued again for another attempt. */
  retried: number;
  canceled: number;
}

/** The parts of a worker that `untilEmpty` uses. */
export interface UntilEmptyOptions {
  slots: Pick<Slots, "drained">;
  claimLoop: Pick<ClaimLoop, "hold" | "goOn">;
  clock: Clock;
  /** Whether a due job waits that the worker could claim. */
  hasDueJobs(): Promise<boolean>;
  /** How many runs of the worker have ended. */
  ended(): number;
  /** Aborted when the worker stops. */
  signal: AbortSignal;
}

/** The pause before the next look, in ms, if the claims since the last look took no job, although some were due. */
const AGAIN_MS = 50;

/**
 * Resolves when the worker runs no job, and no due job waits that it could claim, or when `signal` is aborted. Claims
 * are held for the look: otherwise a claim could take the last jobs between the look and the end. The claims stay held.
 */
export async function untilEmpty(options: UntilEmptyOptions): Promise<void> {
  const { slots, claimLoop, clock, hasDueJobs, ended, signal } = options;
  let before = -1;
  while (!signal.aborted) {
    await slots.drained();
    await claimLoop.hold();
    await slots.drained();
    if (signal.aborted || !(await hasDueJobs())) return;
    claimLoop.goOn();
    if (ended() === before) await pause(clock, AGAIN_MS, signal);
    before = ended();
  }
}

/** Counts the runs of a worker by its events, and rejects for the first error of the database that does not pass. */
export class Tally {
  readonly counts: EmptyCounts = { completed: 0, failed: 0, retried: 0, canceled: 0 };
  /** How many runs have ended, in whatever way. */
  ended = 0;
  /** Rejects when a claim failed, or an outcome was refused. Never resolves. */
  readonly failure: Promise<never>;
  #fail: (error: unknown) => void = () => {};

  constructor() {
    this.failure = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Nobody may wait for the failure yet when it comes.
    this.failure.catch(() => undefined);
  }

  /** Counts one event. */
  count(event: WorkerEvent): void {
    if ("durationMs" in event) this.ended += 1;
    switch (event.kind) {
      case "job-completed":
        this.counts.completed += 1;
        break;
      case "job-failed":
        this.counts.failed += 1;
        break;
      case "job-retried":
        this.counts.retried += 1;
        break;
      case "job-canceled":
        this.counts.canceled += 1;
        break;
      case "error":
        // The worker writes an outcome again while the database is away. Its claims fail meanwhile.
        if (event.during === "claim" || (event.during === "settle" && !isTransient(event.error))) {
          this.#fail(event.error);
        }
    }
  }
}
