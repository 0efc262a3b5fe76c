import { runKey } from "../job/held-runs.sql.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import type { Run } from "../run/run.ts";
import type { CompletedRun } from "./complete-runs.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** Why a completion was not written at its first try. */
export type WhyNot = { kind: "refused" } | { kind: "locked" } | { kind: "error"; error: unknown };

/** What completions need. */
export interface CompletionsOptions {
  /** Completes runs by one statement, or a few. */
  write(runs: readonly CompletedRun[]): Promise<Unwritten>;
  onCompleted(run: Run): void;
  /** The completion must be tried again, or the lease is lost. */
  onUnwritten(completed: CompletedRun, why: WhyNot): void;
}

/**
 * Group commit of completions, which nearly every run ends with. Completions of one turn of the event loop are written
 * together, and those that come meanwhile in the next statement. Unlike a batcher, this makes no promise for each run:
 * with thousands of runs under way, promises were most of what the garbage collector had to copy.
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
