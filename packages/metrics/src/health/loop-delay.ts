import type { Clock } from "@millrace/base";

/** How often the delay is measured, in ms. So a measured delay may be up to this much too short. */
const MEASURE_MS = 100;

/** How far back a delay is told, in ms: at least this much, and at most twice as much. */
const WINDOW_MS = 10_000;

/** Measures how late the timers of this process fire, because something blocks its event loop. */
export interface LoopDelay {
  /** The longest delay of the last 10 to 20 s, in ms. Counts a delay that has not ended yet. */
  worstMs(): number;
  /** Stops measuring. */
  stop(): void;
}

/** Starts to measure the delay. */
export function startLoopDelay(clock: Clock): LoopDelay {
  return new MeasuredLoopDelay(clock);
}

class MeasuredLoopDelay implements LoopDelay {
  readonly #clock: Clock;
  #dueAt = 0;
  #windowBegan: number;
  /** The longest delays of this window, and of the window before. */
  #worst = 0;
  #worstBefore = 0;
  #stopTimer: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowBegan = clock.now();
    this.#stopTimer = this.#wait();
  }

  worstMs(): number {
    const now = this.#clock.now();
    this.#note(now);
    return Math.max(this.#worst, this.#worstBefore);
  }

  stop(): void {
    this.#stopTimer();
  }

  #wait(): () => void {
    this.#dueAt = this.#clock.now() + MEASURE_MS;
    return this.#clock.after(MEASURE_MS, () => {
      this.#note(this.#clock.now());
      this.#stopTimer = this.#wait();
    });
  }

  #note(now: number): void {
    const sinceBegan = now - this.#windowBegan;
    if (sinceBegan >= WINDOW_MS) {
      this.#worstBefore = this.#worst;
      this.#worst = 0;
      this.#windowBegan = now;
    }
    this.#worst = Math.max(this.#worst, now - this.#dueAt);
  }
}
