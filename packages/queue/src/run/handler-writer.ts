import type { Batcher, Clock } from "@millrace/base";
import {
  databaseErrorOf,
  executorOf,
  InvalidOptionError,
  isDataError,
  isWholeDatabase,
  pause,
  type Queryable,
} from "@millrace/base";
import { OutcomeRefusedError, TransactionIsolationError } from "../database-errors.ts";
import { JobLockedError, LeaseLostError } from "../errors.ts";
import type { ExtendResult } from "../job/extend-result.ts";
import type { FencedAnswer } from "../job/fenced-batcher.ts";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { Completion, JsonValue, Lease } from "../job/job.ts";
import { limitedJson, OUTPUT_MAX_BYTES, PROGRESS_MAX_BYTES } from "./limited-json.ts";
import type { Run } from "./run.ts";
import type { RunProgress } from "./set-progress.sql.ts";
import { strictIsolation } from "./transaction-isolation.sql.ts";

/** The methods of `Runs` that a handler's writes use. */
export interface HandlersWrites {
  complete(completions: readonly Completion[], options: InTransaction): Promise<Lease[]>;
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
}

/** What a handler's writes need. */
export interface HandlerWriterOptions {
  runs: HandlersWrites;
  /**
   * Gives a run a claim of its own, so that what its handler does with the lease does not affect other jobs. From then
   * on, jobs of the run's type are claimed one by one.
   */
  splitOff(run: Run): Promise<void>;
  clock: Clock;
  progress: Pick<Batcher<RunProgress, FencedAnswer>, "submit">;
}

/** The range of `extend`, in ms. A lease has the same range. */
const EXTEND_MIN_MS = 5_000;
const EXTEND_MAX_MS = 3_600_000;

/**
 * A write that finds the run's claim locked is tried again every `LOCKED_RETRY_MS`, and given up after
 * `LOCKED_PATIENCE_MS`. A handler that has locked the claim in its own open transaction would otherwise wait for ever.
 */
const LOCKED_RETRY_MS = 50;
const LOCKED_PATIENCE_MS = 2_000;

/**
 * Progress waits up to this many ms if a renewal found the claim locked, so that the next renewal can lock it.
 * Otherwise a handler that sets progress without a pause could keep the claim locked until its lease runs out.
 */
const GIVE_WAY_MS = 200;

/**
 * How long to wait until a run has a claim of its own, in ms. If the handler's transaction holds the last connection of
 * the pool, the claim cannot be split, and the wait would never end. The write then uses the shared claim: this is
 * correct, but delays the completions of the claim's other jobs.
 */
const SPLIT_WAIT_MS = 250;

/** Does the writes of a handler about its own run, each fenced by the run's lease. See `TaskContext`. */
export class HandlerWriter {
  readonly #run: Run;
  readonly #lease: Lease;
  readonly #options: HandlerWriterOptions;
  /** How many times the handler has set its progress. */
  #progressCount = 0;

  constructor(run: Run, options: HandlerWriterOptions) {
    this.#run = run;
    this.#lease = run.job;
    this.#options = options;
  }

  progress(value: JsonValue): Promise<void> {
    const writing = this.#setProgress(value);
    // A handler need not await this promise, so a refusal that nobody awaits must not end the process. A lost lease
    // also aborts the signal.
    writing.catch(() => undefined);
    return writing;
  }

  async extend(ms: number): Promise<void> {
    if (!(ms >= EXTEND_MIN_MS && ms <= EXTEND_MAX_MS)) {
      throw new InvalidOptionError("ms", `a number of ms from ${EXTEND_MIN_MS} to ${EXTEND_MAX_MS}`, ms);
    }
    const { runs, clock } = this.#options;
    await this.#splitOff();
    const written = await this.#untilWritten(async () => {
      const sentAt = clock.now();
      const { refused, locked } = await runs.extend([this.#lease], Math.ceil(ms / 1_000));
      if (refused.length > 0) return "refused";
      if (locked.length > 0) return "locked";
      this.#run.heldUntil = Math.max(this.#run.heldUntil, sentAt + ms);
      return "written";
    });
    if (!written) throw new JobLockedError(this.#lease.id);
  }

  async completeInTx(tx: Queryable, output: JsonValue | undefined): Promise<void> {
    if (isWholeDatabase(tx)) {
      const expected = "the transaction of the handler's writes: a Drizzle transaction, or a pg client";
      throw new InvalidOptionError("tx", expected, "a whole database");
    }
    const { id: jobId, leaseToken } = this.#lease;
    const text = limitedJson(output, { jobId, what: "output", maxBytes: OUTPUT_MAX_BYTES });
    if (this.#run.ended) throw this.#lost();
    // Check this before the write: a refused write would leave the handler's transaction aborted.
    const isolation = await strictIsolation(executorOf(tx));
    if (isolation !== null) throw new TransactionIsolationError(jobId, isolation);
    await this.#splitOff();
    if (this.#run.ended) throw this.#lost();
    // From here on, only the database knows whether the job is completed.
    this.#run.beginCompletion();
    const refused = await this.#options.runs
      .complete([{ id: jobId, leaseToken, output: text }], { tx })
      .catch((error: unknown) => {
        if (!isDataError(error)) throw error;
        throw new OutcomeRefusedError(jobId, "complete", databaseErrorOf(error));
      })
      .finally(() => this.#run.completionAnswered(this.#options.clock.now()));
    if (refused.length > 0) throw this.#lost();
  }

  async #splitOff(): Promise<void> {
    const { splitOff, clock } = this.#options;
    const waiting = new AbortController();
    // If the claim cannot be split, the write reports what is wrong.
    const splitting = splitOff(this.#run).catch(() => undefined);
    await Promise.race([splitting, pause(clock, SPLIT_WAIT_MS, waiting.signal)]);
    waiting.abort();
  }

  async #setProgress(value: JsonValue): Promise<void> {
    const { id: jobId, leaseToken } = this.#lease;
    const text = limitedJson(value, { jobId, what: "progress", maxBytes: PROGRESS_MAX_BYTES }) ?? "null";
    this.#progressCount += 1;
    const mine = this.#progressCount;
    await this.#untilWritten(async (waitedMs) => {
      // A newer value must not be overwritten by this one.
      if (mine !== this.#progressCount) return "moot";
      const { claimLocked, abortReason } = this.#run;
      if (claimLocked && abortReason === undefined && waitedMs < GIVE_WAY_MS) return "locked";
      return this.#options.progress.submit({ id: jobId, leaseToken, progress: text });
    });
  }

  /**
   * Repeats a write until the run's claim is not locked. Each run repeats alone, so one locked claim delays no other
   * run.
   *
   * - Returns true if the write was made, or was not needed because the run's own `completeInTx` holds the lock.
   * - Returns false if the claim stayed locked, or the run was aborted.
   * - Throws `LeaseLostError`.
   */
  async #untilWritten(write: (waitedMs: number) => Promise<FencedAnswer | "moot">): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += LOCKED_RETRY_MS) {
      if (this.#run.ended) throw this.#lost();
      const sentAt = this.#options.clock.now();
      const answer = await write(waitedMs);
      if (answer === "written") this.#run.claimWasWritten(sentAt);
      if (answer === "written" || answer === "moot" || this.#run.mayBeCompleting) return true;
      if (answer === "refused") throw this.#lost();
      if (this.#run.abortReason instanceof LeaseLostError) throw this.#run.abortReason;
      if (waitedMs >= LOCKED_PATIENCE_MS || this.#run.abortReason !== undefined) return false;
      await pause(this.#options.clock, LOCKED_RETRY_MS);
    }
  }

  /** Aborts the run, because a write found its lease lost. Returns the error to throw. */
  #lost(): LeaseLostError {
    const error = new LeaseLostError(this.#lease.id);
    // After the run's end, the write of its outcome finds out whether the lease still holds.
    if (!this.#run.ended) this.#run.abort(error);
    return error;
  }
}
