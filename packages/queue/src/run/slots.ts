import { isSuspect } from "../job/suspect.ts";
import type { Outcome } from "./decide-outcome.ts";
import { Prefetch } from "./prefetch.ts";
import type { Run } from "./run.ts";
import type { SlotsOptions } from "./slots-options.ts";
import { SuspectPatience } from "./suspect-patience.ts";

/** While this many outcomes wait to be written, no further job is claimed: memory stays bounded. */
const UNSETTLED_MAX = 5_000;

/** While the payloads of the jobs that were claimed ahead have this many bytes, no further job is claimed. */
const AHEAD_BYTES_MAX = 8_388_608;

/**
 * The most jobs of one claim statement. For more, PostgreSQL plans to read the whole table instead of the locked rows.
 */
const CLAIM_MAX = 1_000;

/**
 * A job that was claimed ahead and has not begun within this many ms is released, so that another worker can run it.
 */
export const BUFFERED_MAX_MS = 250;

/** After a suspect has run alone for this many ms, other jobs begin: most jobs that kill a worker do so sooner. */
const SUSPECT_ALONE_MS = 60_000;

/** A suspect that is released is due again after this many ms: another worker may have room for it then. */
const SUSPECT_DELAY_MS = 2_000;

/** A suspect that waits to run alone, or runs alone. */
interface HeldSuspect {
  run: Run;
  begun: boolean;
  stopTimer(): void;
}

/**
 * The runs of one worker: those claimed ahead, those whose handler runs, and those whose outcome is being written. A
 * suspect begins only when the worker holds no other run, not even one that was claimed ahead: if the suspect kills the
 * worker, no other job crashes.
 */
export class Slots {
  readonly #options: SlotsOptions;
  #concurrency: number;
  readonly #prefetch: Prefetch;
  readonly #patience = new SuspectPatience();
  /** Every run whose lease this worker holds. */
  readonly #held = new Set<Run>();
  #ahead: Run[] = [];
  #aheadBytes = 0;
  /** How many runs of `#ahead` have begun. */
  #aheadBegun = 0;
  #executing = 0;
  /** The releases under way. Until a release is written, the worker still has the jobs of its batch. */
  readonly #releases = new Set<Promise<void>>();
  #suspect: HeldSuspect | null = null;
  /**
   * Whether the last claim had suspects. Then the next claim asks for one job: if it took several suspects, it would
   * have to release all but one.
   */
  #isCautious = false;
  #paused = false;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#prefetch = new Prefetch(options.concurrency);
  }

  /** How many jobs to claim now; 0 while enough jobs are held ahead. */
  get wanted(): number {
    const unsettled = this.#held.size - this.#executing - this.#aheadCount;
    if (!this.#begins || this.#suspect !== null || unsettled >= UNSETTLED_MAX) return 0;
    // To claim when half of the jobs ahead have begun keeps batches large and the slots busy.
    if (this.#aheadCount > this.#prefetch.target / 2 || this.#aheadBytes >= AHEAD_BYTES_MAX) return 0;
    return Math.min(this.#isCautious ? 1 : CLAIM_MAX, Math.max(0, this.#room));
  }

  /** How many handlers run. */
  get executing(): number {
    return this.#executing;
  }

  /** How many runs the worker has a lease of. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** How many handlers may run at a time. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** Every run whose lease must be renewed. */
  held(): Iterable<Run> {
    return this.#held;
  }

  /** Takes claimed runs, and begins as many as there are free slots. */
  take(runs: readonly Run[]): void {
    if (runs.length > 0) this.#isCautious = runs.some((run) => isSuspect(run.job));
    for (const run of runs) this.#held.add(run);
    this.#putAhead(this.#takeAhead().concat(runs));
    // The claim of these runs was under way when the suspect came, or when the worker was paused.
    if (this.#suspect !== null || this.#paused) void this.#release(this.#takeAhead());
    this.#begin();
  }

  /**
   * Releases the runs that have waited longer than `BUFFERED_MAX_MS`. Rejects only if `release` of the options does.
   */
  releaseStale(): Promise<void> {
    const limit = this.#options.clock.now() - BUFFERED_MAX_MS;
    const waiting = this.#takeAhead();
    this.#putAhead(waiting.filter((run) => run.leasedAt >= limit));
    return this.#release(waiting.filter((run) => run.leasedAt < limit));
  }

  /**
   * Releases every run that has not begun, also a suspect that waits to run alone. Rejects only if `release` of the
   * options does.
   */
  releaseAll(): Promise<void> {
    return this.#release([
      ...this.#takeAhead(),
      ...(this.#suspect?.begun === false ? this.#endSuspect() : []),
    ]);
  }

  /** The outcome of a run is written, or cannot be written. The worker no longer holds the run. */
  written(run: Run): void {
    this.#held.delete(run);
    this.#beginAlone();
    this.#tellIfDrained();
    // Claiming may have stopped because of too many unsettled runs.
    this.#options.onFreed();
  }

  /** Begins no further job. */
  close(): void {
    this.#closed = true;
  }

  /** Whether `pause` was called, and `resume` was not called since. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Begins no further job until `resume`. Releases every run that has not begun. Rejects as `releaseAll` does. */
  pause(): Promise<void> {
    this.#paused = true;
    return this.releaseAll();
  }

  /** Begins jobs again. */
  resume(): void {
    this.#paused = false;
    this.#options.onFreed();
  }

  /** From now on, so many jobs run at a time. Running jobs run on. */
  resize(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#prefetch.resize(concurrency);
    this.#begin();
    this.#options.onFreed();
  }

  /**
   * Releases the runs ahead for which there is no room, or whose queue is none of these. Rejects only if `release` of
   * the options does.
   */
  releaseSurplus(queues: ReadonlySet<string>): Promise<void> {
    const waiting = this.#takeAhead();
    const kept = waiting.filter((run) => queues.has(run.job.queue)).slice(0, Math.max(0, this.#room));
    this.#putAhead(kept);
    const keeps = new Set(kept);
    return this.#release(waiting.filter((run) => !keeps.has(run)));
  }

  /** Resolves when every run has ended and its outcome is written. */
  async drained(): Promise<void> {
    while (this.#held.size > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when the releases under way are written. */
  async released(): Promise<void> {
    await Promise.all(this.#releases);
  }

  #tellIfDrained(): void {
    if (this.#held.size === 0) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  get #begins(): boolean {
    return !this.#closed && !this.#paused;
  }

  /** How many more jobs the worker may hold; negative after `resize` to fewer. */
  get #room(): number {
    return this.#concurrency + this.#prefetch.target - this.#executing - this.#aheadCount;
  }

  get #aheadCount(): number {
    return this.#ahead.length - this.#aheadBegun;
  }

  #begin(): void {
    while (this.#begins && this.#suspect === null && this.#executing < this.#concurrency) {
      const run = this.#ahead[this.#aheadBegun];
      if (run === undefined) return;
      this.#aheadBegun += 1;
      this.#aheadBytes -= run.bytes;
      if (!isSuspect(run.job)) this.#execute(run);
      else if (this.#patience.refuses(this.#options.clock.now())) void this.#release([run], SUSPECT_DELAY_MS);
      else this.#waitToBeAlone(run);
    }
  }

  #waitToBeAlone(run: Run): void {
    const stopTimer = this.#options.clock.after(this.#patience.ms, () => this.#giveUp());
    this.#suspect = { run, begun: false, stopTimer };
    void this.#release(this.#takeAhead());
    this.#beginAlone();
  }

  /** Begins the suspect if every other run has ended and its outcome is written. */
  #beginAlone(): void {
    const suspect = this.#suspect;
    if (suspect === null || suspect.begun || !this.#begins) return;
    if (this.#releases.size > 0 || this.#held.size > 1) return;
    suspect.stopTimer();
    this.#patience.ran();
    suspect.begun = true;
    suspect.stopTimer = this.#options.clock.after(SUSPECT_ALONE_MS, () => {
      this.#endSuspect();
      this.#options.onFreed();
    });
    this.#execute(suspect.run);
  }

  /** Releases the suspect, because the running handlers took too long to end. */
  #giveUp(): void {
    void this.#release(this.#endSuspect(), SUSPECT_DELAY_MS);
    this.#patience.gaveUp(this.#options.clock.now());
    this.#options.onFreed();
  }

  /** Lets other jobs begin. Returns the suspect, or nothing if there is none. */
  #endSuspect(): Run[] {
    const suspect = this.#suspect;
    this.#suspect = null;
    suspect?.stopTimer();
    return suspect === null ? [] : [suspect.run];
  }

  #takeAhead(): Run[] {
    const waiting = this.#ahead.slice(this.#aheadBegun);
    this.#putAhead([]);
    return waiting;
  }

  #putAhead(runs: Run[]): void {
    this.#ahead = runs;
    this.#aheadBegun = 0;
    this.#aheadBytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  }

  async #release(runs: readonly Run[], delayMs?: number): Promise<void> {
    if (runs.length === 0) return;
    for (const run of runs) this.#held.delete(run);
    const release = this.#options.release(runs, delayMs);
    this.#releases.add(release);
    await release;
    this.#releases.delete(release);
    this.#beginAlone();
    this.#tellIfDrained();
  }

  #execute(run: Run): void {
    this.#executing += 1;
    const startedAt = this.#options.clock.now();
    // Each job makes one promise, and none while its outcome waits to be written: thousands of jobs may wait for that.
    void this.#options.handle(run).then((outcome) => this.#ended(run, outcome, startedAt));
  }

  #ended(run: Run, outcome: Outcome, startedAt: number): void {
    const { clock, settle, onFreed } = this.#options;
    run.durationMs = clock.now() - startedAt;
    this.#prefetch.observe(run.durationMs);
    this.#executing -= 1;
    if (this.#suspect?.run === run) this.#endSuspect();
    settle(run, outcome);
    this.#begin();
    onFreed();
  }
}
