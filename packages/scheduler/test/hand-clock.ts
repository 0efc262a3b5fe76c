import type { Clock } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { ANSWER_MAX_MS } from "../src/store/limit-transaction.ts";

/** A clock that stands still, and runs timers when told to. */
export interface HandClock {
  clock: Clock;
  /** How long each timer of the scheduler was to wait; those that only limit the wait for an answer are left out. */
  waits: number[];
  /** Whether the scheduler has no timer. */
  readonly idle: boolean;
  /** Runs the scheduler's timer. */
  fire(): void;
  /** Runs the scheduler's timer, and waits until the next one is set. */
  turn(): Promise<void>;
  /** How many answers are waited for. */
  readonly awaited: number;
  /** Lets the time pass in which an answer must come. */
  giveUpAnswers(): void;
}

/** A wait for an answer is cut into steps of this length. */
const ANSWER_STEP_MS = ANSWER_MAX_MS / 10;

/** Makes a clock for one scheduler that does not listen. */
export function handClock(): HandClock {
  const waits: number[] = [];
  const answers = new Set<() => void>();
  let pending: (() => void) | undefined;
  const clock: Clock = {
    now: () => 0,
    random: () => 0.5,
    after(ms, callback) {
      if (ms === ANSWER_STEP_MS) {
        const timer = () => callback();
        answers.add(timer);
        return () => void answers.delete(timer);
      }
      waits.push(ms);
      pending = callback;
      return () => {
        if (pending === callback) pending = undefined;
      };
    },
  };
  function fire() {
    const callback = pending;
    pending = undefined;
    callback?.();
  }
  return {
    clock,
    waits,
    fire,
    async turn() {
      fire();
      await waitFor(() => pending !== undefined, { description: "the next timer" });
    },
    get idle() {
      return pending === undefined;
    },
    get awaited() {
      return answers.size;
    },
    giveUpAnswers() {
      while (answers.size > 0) {
        for (const timer of [...answers]) {
          answers.delete(timer);
          timer();
        }
      }
    },
  };
}
