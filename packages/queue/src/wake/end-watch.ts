import {
  type Beat,
  type Clock,
  type Executor,
  isTransient,
  type ListenPool,
  NoAnswerError,
  startBeat,
  startListener,
} from "@millrace/base";
import { JobNotFoundError } from "../errors.ts";
import { ENDED_CHANNEL } from "./end-jobs.sql.ts";
import { WaitTimedOutError } from "./wait-timed-out-error.ts";
import { watchEnded } from "./watch-ended.sql.ts";

/** For how long a row in job_waits asks for notices, in ms. A longer wait inserts the row again. */
const ASK_MS = 3_600_000;

/** The most jobs in one statement. */
const LOOK_MAX = 10_000;

/** What an end watch needs. */
export interface EndWatchOptions<Job> {
  db: Executor;
  /** The pool to listen on; null: polling alone. */
  pool: ListenPool | null;
  clock: Clock;
  /** Reads the given jobs that have ended, by their ids. */
  read(ids: readonly string[]): Promise<Map<string, Job>>;
}

/** How to wait for the end of a job. */
export interface EndWaitOptions {
  /** Gives up after so many ms; undefined: never. */
  timeoutMs: number | undefined;
  /** How often to look without a notice, in ms. */
  pollMs: number;
  signal: AbortSignal | undefined;
}

interface Waiter<Job> {
  pollMs: number;
  /** When the waiter gives up, by the clock; `Infinity`: never. */
  until: number;
  resolve(job: Job): void;
  reject(reason: unknown): void;
}

/**
 * Tells of the ends of jobs, of any process. All waiters share one statement for each look, and one connection to
 * listen on. Both stop when nobody waits.
 *
 * - The first look at a job asks for a notice. The second look follows at once: the job may have ended before the
 *   request was committed.
 * - Then a look follows each notice, and each poll. A poll also finds ends that sent no notice.
 * - While the database is away, each poll tries again.
 */
export class EndWatch<Job> {
  readonly #options: EndWatchOptions<Job>;
  readonly #waiters = new Map<string, Set<Waiter<Job>>>();
  /** The jobs to look at now. */
  readonly #due = new Set<string>();
  /** The jobs for which a notice was asked for. */
  readonly #asked = new Set<string>();
  /** When all jobs were last looked at; `-Infinity`: all jobs are due. */
  #polledAt = Number.NEGATIVE_INFINITY;
  #beat: Beat | null = null;
  #listener: Beat | null = null;

  constructor(options: EndWatchOptions<Job>) {
    this.#options = options;
  }

  /**
   * Resolves with the job when it has ended. Rejects with `JobNotFoundError` if there is no such job, with
   * `WaitTimedOutError`, with the reason of the signal, or with an error of the database that does not pass.
   */
  ended(id: string, { timeoutMs, pollMs, signal }: EndWaitOptions): Promise<Job> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const { clock } = this.#options;
      const abort = () => waiter.reject(signal?.reason);
      const stopTimer =
        timeoutMs === undefined
          ? () => {}
          : clock.after(timeoutMs, () => waiter.reject(new WaitTimedOutError(id, timeoutMs)));
      const leave = () => {
        stopTimer();
        signal?.removeEventListener("abort", abort);
        this.#leave(id, waiter);
      };
      const waiter: Waiter<Job> = {
        pollMs,
        until: clock.now() + (timeoutMs ?? Number.POSITIVE_INFINITY),
        resolve(job) {
          leave();
          resolve(job);
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#join(id, waiter);
    });
  }

  #join(id: string, waiter: Waiter<Job>): void {
    const others = this.#waiters.get(id);
    if (others === undefined) this.#waiters.set(id, new Set([waiter]));
    else others.add(waiter);
    this.#due.add(id);
    if (this.#beat !== null) {
      this.#beat.wake();
      return;
    }
    this.#polledAt = this.#options.clock.now();
    // The first look comes in the next turn of the event loop: it takes all waiters that join in this one.
    this.#beat = startBeat({ clock: this.#options.clock, firstMs: 0, work: () => this.#look() });
  }

  #leave(id: string, waiter: Waiter<Job>): void {
    const others = this.#waiters.get(id);
    others?.delete(waiter);
    if (others?.size === 0) {
      this.#waiters.delete(id);
      this.#due.delete(id);
      this.#asked.delete(id);
    }
    if (this.#waiters.size > 0) return;
    void this.#beat?.stop();
    void this.#listener?.stop();
    this.#beat = null;
    this.#listener = null;
  }

  /** Looks at the jobs that are due. Returns the ms until the next look. */
  async #look(): Promise<number> {
    const ids = this.#take();
    try {
      for (let start = 0; start < ids.length; start += LOOK_MAX) {
        await this.#lookAt(ids.slice(start, start + LOOK_MAX));
      }
    } catch (error) {
      if (!isTransient(error) && !(error instanceof NoAnswerError)) this.#rejectAll(error);
      this.#polledAt = Number.NEGATIVE_INFINITY;
      return this.#pollMs;
    }
    if (this.#waiters.size > 0) this.#listen();
    return this.#due.size > 0 ? 0 : Math.max(0, this.#polledAt + this.#pollMs - this.#options.clock.now());
  }

  /** Takes the jobs to look at: all jobs if the poll is due. */
  #take(): string[] {
    const now = this.#options.clock.now();
    const isPoll = now - this.#polledAt >= this.#pollMs;
    const ids = isPoll ? [...this.#waiters.keys()] : [...this.#due];
    if (isPoll) this.#polledAt = now;
    this.#due.clear();
    return ids;
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const { db, read } = this.#options;
    const departed = await watchEnded(
      db,
      ids.map((id) => ({ id, forMs: this.#forMs(id) })),
    );
    for (const id of ids) {
      if (!this.#waiters.has(id) || this.#asked.has(id)) continue;
      this.#asked.add(id);
      this.#due.add(id);
    }
    const ended = departed.filter(({ standing }) => standing === "ended").map(({ id }) => id);
    const jobs = ended.length === 0 ? new Map<string, Job>() : await read(ended);
    for (const { id, standing } of departed) {
      const job = jobs.get(id);
      if (standing === "missing") this.#each(id, (waiter) => waiter.reject(new JobNotFoundError(id)));
      else if (job !== undefined) this.#each(id, (waiter) => waiter.resolve(job));
      // The job was retried or deleted since.
      else if (this.#waiters.has(id)) this.#due.add(id);
    }
  }

  #listen(): void {
    const { pool, clock } = this.#options;
    if (pool === null || this.#listener !== null) return;
    this.#listener = startListener({
      pool,
      clock,
      channel: ENDED_CHANNEL,
      onNotice: (id) => this.#heard(id),
      // Polling goes on, and the listener connects again.
      onError: () => {},
    });
  }

  /** A notice came. Without an id: the listener has connected, and notices may have been missed. */
  #heard(id: string | undefined): void {
    if (id === undefined) this.#polledAt = Number.NEGATIVE_INFINITY;
    else if (this.#waiters.has(id)) this.#due.add(id);
    else return;
    this.#beat?.wake();
  }

  #each(id: string, settle: (waiter: Waiter<Job>) => void): void {
    for (const waiter of [...(this.#waiters.get(id) ?? [])]) settle(waiter);
  }

  #rejectAll(error: unknown): void {
    for (const id of [...this.#waiters.keys()]) this.#each(id, (waiter) => waiter.reject(error));
  }

  /** The shortest poll of all waiters, in ms. */
  get #pollMs(): number {
    let shortest = Number.POSITIVE_INFINITY;
    for (const waiters of this.#waiters.values()) {
      for (const { pollMs } of waiters) shortest = Math.min(shortest, pollMs);
    }
    return shortest;
  }

  /** For how long to ask for notices about a job, in ms. */
  #forMs(id: string): number {
    const now = this.#options.clock.now();
    const untils = [...(this.#waiters.get(id) ?? [])].map(({ until }) => until - now);
    return Math.max(0, Math.min(ASK_MS, Math.max(...untils)));
  }
}
