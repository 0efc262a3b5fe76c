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

/** The writes about runs that a handler may ask for; see `Runs`. */
export interface HandlersWrites {
  complete(completions: readonly Completion[], options: InTransaction): Promise<Lease[]>;
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
}

/** What is written through. */
export interface HandlerWriterOptions {
  runs: HandlersWrites;
  clock: Clock;
  progress: Pick<Batcher<RunProgress, FencedAnswer>, "submit">;
}

/** What `extend` takes, in ms: the range of a lease. */
const EXTEND_MIN_MS = 5_000;
const EXTEND_MAX_MS = 3_600_000;

/**
 * A write that found the job's row locked is tried again after this many ms, for so long in all. A handler that has
 * itself locked the row, in a transaction that it has not ended, would wait for ever.
 */
const LOCKED_RETRY_MS = 50;
const LOCKED_PATIENCE_MS = 2_000;

/**
 * Progress gives way to a renewal that found the row locked, for so long: a handler that sets it without a pause has
 * its row locked nearly all the time, and would win each race until its lease runs out.
 */
const GIVE_WAY_MS = 200;

/** What a handler writes about its own run while it runs, each fenced by the run's lease; see `TaskContext`. */
export class HandlerWriter {
  readonly #run: Run;
  readonly #lease: Lease;
  readonly #options: HandlerWriterOptions;
  /** How many values of progress were set. */
  #progressCount = 0;

  constructor(run: Run, options: HandlerWriterOptions) {
    this.#run = run;
    this.#lease = run.job;
    this.#options = options;
  }

  progress(value: JsonValue): Promise<void> {
    const writing = this.#setProgress(value);
    // Handlers may leave it alone; a refusal that nobody waits for must not end the process. The signal says so, too.
    writing.catch(() => undefined);
    return writing;
  }

  async extend(ms: number): Promise<void> {
    if (!(ms >= EXTEND_MIN_MS && ms <= EXTEND_MAX_MS)) {
      throw new InvalidOptionError("ms", `a number of ms from ${EXTEND_MIN_MS} to ${EXTEND_MAX_MS}`, ms);
    }
    const { runs, clock } = this.#options;
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
    // Before the first write: one that is refused would leave the transaction aborted.
    const isolation = await strictIsolation(executorOf(tx));
    if (isolation !== null) throw new TransactionIsolationError(jobId, isolation);
    // From here on only the database knows whether the job is completed.
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

  async #setProgress(value: JsonValue): Promise<void> {
    const { id: jobId, leaseToken } = this.#lease;
    const text = limitedJson(value, { jobId, what: "progress", maxBytes: PROGRESS_MAX_BYTES }) ?? "null";
    this.#progressCount += 1;
    const mine = this.#progressCount;
    await this.#untilWritten(async (waitedMs) => {
      // A newer value makes this one moot, and must not be overwritten by it.
      if (mine !== this.#progressCount) return "moot";
      const { rowLocked, abortReason } = this.#run;
      if (rowLocked && abortReason === undefined && waitedMs < GIVE_WAY_MS) return "locked";
      return this.#options.progress.submit({ id: jobId, leaseToken, progress: text });
    });
  }

  /**
   * Repeats a write that skips a locked row until it is written; each run by itself, so that one whose row stays locked
   * keeps no other waiting. Of a run that completes its job in a transaction it is the lock, and writing is moot.
   * Returns whether it was written, or was moot; false when the row stayed locked, or the run was aborted meanwhile.
   */
  async #untilWritten(write: (waitedMs: number) => Promise<FencedAnswer | "moot">): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += LOCKED_RETRY_MS) {
      if (this.#run.ended) throw this.#lost();
      const sentAt = this.#options.clock.now();
      const answer = await write(waitedMs);
      if (answer === "written") this.#run.rowWasWritten(sentAt);
      if (answer === "written" || answer === "moot" || this.#run.mayBeCompleting) return true;
      if (answer === "refused") throw this.#lost();
      if (this.#run.abortReason instanceof LeaseLostError) throw this.#run.abortReason;
      if (waitedMs >= LOCKED_PATIENCE_MS || this.#run.abortReason !== undefined) return false;
      await pause(this.#options.clock, LOCKED_RETRY_MS);
    }
  }

  /** Whatever finds that the lease is lost ends the run. */
  #lost(): LeaseLostError {
    const error = new LeaseLostError(this.#lease.id);
    // Of one whose outcome is being written, that write tells whether the lease still holds.
    if (!this.#run.ended) this.#run.abort(error);
    return error;
  }
}
