import { Prefetch } from "../domain/prefetch.ts";
import type { Run } from "../domain/run.ts";
import type { Clock } from "./clock.ts";

/** Beyond this many outcomes that wait to be written, no further job begins: memory stays bounded. */
const UNWRITTEN_MAX = 5_000;

/** The most that one claim asks for: of more, PostgreSQL plans to read the table instead of the rows that it locked. */
const CLAIM_MAX = 1_000;

/** A job claimed ahead that has not begun after this many ms is given back for another worker, in ms. */
export const BUFFERED_MAX_MS = 250;

/** What slots need. */
export interface SlotsOptions<Ended> {
  concurrency: number;
  clock: Clock;
  /** Runs one job's handler and decides what is to be written about it. Never rejects. */
  handle(run: Run): Promise<Ended>;
  /** Writes how a run ended, whose handler took so many ms. Never rejects. */
  settle(run: Run, ended: Ended, durationMs: number): Promise<void>;
  /** A job has ended, so that another may begin or be claimed. */
  onFreed(): void;
}

/** The runs of one worker: those claimed ahead, those whose handler runs, and those whose outcome is being written. */
export class Slots<Ended> {
  readonly #options: SlotsOptions<Ended>;
  readonly #prefetch: Prefetch;
  /** Every run whose lease this worker holds. */
  readonly #held = new Set<Run>();
  #ahead: Run[] = [];
  #begun = 0;
  #executing = 0;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: SlotsOptions<Ended>) {
    this.#options = options;
    this.#prefetch = new Prefetch(options.concurrency);
  }

  /** How many jobs to claim now; 0 while enough are held ahead. */
  get wanted(): number {
    const unwritten = this.#held.size - this.#executing - this.#aheadCount;
    if (this.#closed || unwritten >= UNWRITTEN_MAX) return 0;
    const full = this.#options.concurrency + this.#prefetch.target;
    const have = this.#executing + this.#aheadCount;
    // Claiming again when half is used up keeps batches large and the slots filled.
    return this.#aheadCount > this.#prefetch.target / 2 ? 0 : Math.min(CLAIM_MAX, Math.max(0, full - have));
  }

  /** How many handlers run. */
  get executing(): number {
    return this.#executing;
  }

  /** Every run whose lease must be kept. */
  held(): Iterable<Run> {
    return this.#held;
  }

  /** Takes claimed runs; begins as many as there are free slots. */
  take(runs: readonly Run[]): void {
    for (const run of runs) this.#held.add(run);
    this.#ahead = this.#ahead.slice(this.#begun).concat(runs);
    this.#begun = 0;
    this.#begin();
  }

  /** Takes out the runs that have waited longer than `BUFFERED_MAX_MS`, or all of them, to be given back. */
  giveBack(which: "stale" | "all"): Run[] {
    const limit = this.#options.clock.now() - BUFFERED_MAX_MS;
    const waiting = this.#ahead.slice(this.#begun);
    const back = which === "all" ? waiting : waiting.filter((run) => run.leasedAt < limit);
    const kept = new Set(back);
    this.#ahead = waiting.filter((run) => !kept.has(run));
    this.#begun = 0;
    for (const run of back) this.#held.delete(run);
    return back;
  }

  /** Begins nothing more. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when every run has ended and is written. */
  async drained(): Promise<void> {
    while (this.#held.size > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  get #aheadCount(): number {
    return this.#ahead.length - this.#begun;
  }

  #begin(): void {
    while (!this.#closed && this.#executing < this.#options.concurrency) {
      const run = this.#ahead[this.#begun];
      if (run === undefined) return;
      this.#begun += 1;
      void this.#execute(run);
    }
  }

  async #execute(run: Run): Promise<void> {
    const { clock, handle, settle, onFreed } = this.#options;
    this.#executing += 1;
    const startedAt = clock.now();
    const ended = await handle(run);
    const durationMs = clock.now() - startedAt;
    this.#prefetch.observe(durationMs);
    this.#executing -= 1;
    const written = settle(run, ended, durationMs);
    this.#begin();
    onFreed();
    await written;
    this.#held.delete(run);
    if (this.#held.size === 0) for (const resolve of this.#waiters.splice(0)) resolve();
    // Too many unwritten outcomes may be what claiming waited for.
    onFreed();
  }
}
