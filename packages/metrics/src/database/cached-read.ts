import { type Clock, NoAnswerError } from "@millrace/base";

/** What a read came to: the value, or why there is none. */
export type ReadAnswer<Value> = { ok: true; value: Value } | { ok: false; error: unknown };

/** What a cached read needs. */
export interface CachedReadOptions<Value> {
  clock: Clock;
  /** Reads the value from the database. */
  read(): Promise<Value>;
  /** How long an answer is given again, in ms. */
  keepMs: number;
  /** How long a caller waits, in ms. The read goes on, and later callers wait for the same read. */
  limitMs: number;
}

/**
 * Reads from a database on request: at most one read at a time, and none while the last answer is fresh. Therefore
 * many probes cost the database as much as one, and a silent database holds one connection at most.
 */
export class CachedRead<Value> {
  readonly #options: CachedReadOptions<Value>;
  #last: { answer: ReadAnswer<Value>; at: number } | null = null;
  #pending: Promise<ReadAnswer<Value>> | null = null;

  constructor(options: CachedReadOptions<Value>) {
    this.#options = options;
  }

  /** Returns the answer. Never rejects. */
  async get(): Promise<ReadAnswer<Value>> {
    const { clock, keepMs, limitMs } = this.#options;
    if (this.#last !== null && clock.now() - this.#last.at < keepMs) return this.#last.answer;
    this.#pending ??= this.#read();
    let stopTimer = () => {};
    const tooLate = new Promise<ReadAnswer<Value>>((resolve) => {
      stopTimer = clock.after(limitMs, () =>
        resolve({ ok: false, error: new NoAnswerError("The database gave no answer", limitMs) }),
      );
    });
    const answer = await Promise.race([this.#pending, tooLate]);
    stopTimer();
    return answer;
  }

  async #read(): Promise<ReadAnswer<Value>> {
    let answer: ReadAnswer<Value>;
    try {
      answer = { ok: true, value: await this.#options.read() };
    } catch (error) {
      answer = { ok: false, error };
    }
    this.#last = { answer, at: this.#options.clock.now() };
    this.#pending = null;
    return answer;
  }
}
