import { runKey } from "../job/held-runs.sql.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import type { Run } from "../run/run.ts";
import type { CompletedRun } from "./complete-runs.ts";

/** The most runs in one statement. */
const BATCH_MAX = 1_000;

/** Why a completion was not written at its first try. */
export type WhyNot = { kind: "refused" } | { kind: "locked" } | { kind: "error"; error: unknown };

/** What completions need. */
export interface CompletionsOptions {
  /** Completes runs. Returns the runs that were not completed, and why. */
  write(runs: readonly CompletedRun[]): Promise<Unwritten>;
  /** A completion was written. */
  onCompleted(run: Run): void;
  /** A completion was not written, for the reason `why`. */
  onUnwritten(completed: CompletedRun, why: WhyNot): void;
}

/**
 * Writes completions in groups (group commit): nearly every run ends with a completion. Completions of one turn of the
 * event loop share a statement. Completions that come during a write share the next statement. A batcher would make a
 * promise for each run: with thousands of runs under way, the garbage collector mostly copied promises.
 */
export class Completions {
  readonly #options: CompletionsOptions;
  #waiting: CompletedRun[] = [];
  #isWriting = false;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  /** Completes a run with its output as JSON text, or null for none. */
  add(run: Run, output: string | null): void {
    this.#waiting.push({ run, output });
    if (this.#isWriting) return;
    this.#isWriting = true;
    setImmediate(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.length <= BATCH_MAX ? this.#waiting : this.#waiting.slice(0, BATCH_MAX);
      this.#waiting = this.#waiting.slice(batch.length);
      await this.#write(batch);
    }
    this.#isWriting = false;
  }

  async #write(batch: readonly CompletedRun[]): Promise<void> {
    const { write, onCompleted, onUnwritten } = this.#options;
    let unwritten: Unwritten;
    try {
      unwritten = await write(batch);
    } catch (error) {
      for (const completed of batch) onUnwritten(completed, { kind: "error", error });
      return;
    }
    if (unwritten.refused.length + unwritten.locked.length === 0) {
      for (const { run } of batch) onCompleted(run);
      return;
    }
    const refused = new Set(unwritten.refused.map(runKey));
    const locked = new Set(unwritten.locked.map(runKey));
    for (const completed of batch) {
      const key = runKey(completed.run.job);
      if (refused.has(key)) onUnwritten(completed, { kind: "refused" });
      else if (locked.has(key)) onUnwritten(completed, { kind: "locked" });
      else onCompleted(completed.run);
    }
  }
}
