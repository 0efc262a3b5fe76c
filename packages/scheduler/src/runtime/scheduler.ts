import {
  backoffMs,
  type Clock,
  InvalidOptionError,
  type Queue,
  systemClock,
  withJitter,
} from "@millrace/queue";
import type { ConnectionPool } from "../store/in-transaction.ts";
import { nextDueMs } from "../store/next-due-ms.ts";
import type { ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type TickResult, tickAllDue } from "./tick-all-due.ts";

/** What a scheduler is made of; only `pool` and `queue` are needed. */
export interface SchedulerOptions {
  /** A pg pool. It is not ended, and errors of its idle connections are its owner's to listen to. */
  pool: ConnectionPool;
  /** The queue on the same database. */
  queue: Pick<Queue, "enqueueMany">;
  /** The longest time between two looks at the schedules, in ms, 100 to 15,000. Default 15,000. */
  tickMs?: number;
  clock?: Clock;
  /** Told of everything that happens. An error it throws is the caller's, and is not caught. */
  onEvent?(event: SchedulerEvent): void;
}

/** Fires due schedules. Any number of schedulers may run on one database: a tick makes one job. */
export interface Scheduler {
  /** Starts looking for due schedules, at once and then whenever the next one is due. A scheduler starts once. */
  start(): void;
  /** Stops looking and waits for the batch under way; may be called again. */
  stop(): Promise<void>;
  /** Fires all that is due now. Throws what the database says when it is away. */
  tickOnce(): Promise<TickResult>;
}

/** What is overdue right after a round is locked by another scheduler, or came due meanwhile: look again soon. */
const OVERDUE_MS = 100;

/** How long to wait after a round failed: the database is away. */
const ERROR_BACKOFF = { baseMs: 1_000, capMs: 14_000, jitterMs: 1_000 };

/** Creates a scheduler; it does nothing until started. Throws `InvalidOptionError`. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { pool, queue, tickMs = 15_000, clock = systemClock, onEvent = () => {} } = options;
  if (!Number.isInteger(tickMs) || tickMs < 100 || tickMs > 15_000) {
    throw new InvalidOptionError("tickMs", "an integer from 100 to 15000", tickMs);
  }
  let reported: ReadonlyMap<string, string> = new Map();
  let stopping: Promise<void> | undefined;
  let failedRounds = 0;
  let current: Promise<void> | undefined;
  let stopTimer: (() => void) | undefined;

  async function tickOnce(): Promise<TickResult> {
    const stopped = () => stopping !== undefined;
    const result = await tickAllDue({ pool, queue }, { emit: onEvent, stopped });
    reported = reportFailures(result.failures, reported, onEvent);
    return result;
  }

  /** One round. Returns how long to wait for the next, in ms. */
  async function round(): Promise<number> {
    try {
      const { failures } = await tickOnce();
      // What cannot tick is left to the regular beat; it must not keep the scheduler awake.
      const due = await nextDueMs(pool, { exclude: failures.map((failure) => failure.scheduleId) });
      failedRounds = 0;
      if (due === null) return tickMs;
      return Math.min(tickMs, due > 0 ? due : OVERDUE_MS);
    } catch (error) {
      failedRounds += 1;
      const delayMs = backoffMs(failedRounds, ERROR_BACKOFF);
      const retryInMs = withJitter(delayMs, ERROR_BACKOFF.jitterMs, clock.random);
      onEvent({ kind: "error", error, retryInMs });
      return retryInMs;
    }
  }

  function repeat(): void {
    current = round().then((waitMs) => {
      if (stopping === undefined) stopTimer = clock.after(waitMs, repeat);
    });
  }

  return {
    tickOnce,
    start() {
      if (stopTimer !== undefined || stopping !== undefined) {
        throw new InvalidOptionError("start", "called once for a scheduler", "a second call");
      }
      onEvent({ kind: "started" });
      stopTimer = clock.after(0, repeat);
    },
    stop() {
      stopping ??= (async () => {
        stopTimer?.();
        await current;
        if (stopTimer !== undefined) onEvent({ kind: "stopped" });
      })();
      return stopping;
    },
  };
}

/** Tells of failures that were not told of the round before. Returns what is known now, by schedule. */
function reportFailures(
  failures: readonly ScheduleFailure[],
  reported: ReadonlyMap<string, string>,
  onEvent: (event: SchedulerEvent) => void,
): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const failure of failures) {
    const text = String(failure.error);
    known.set(failure.scheduleId, text);
    if (reported.get(failure.scheduleId) !== text) onEvent({ kind: "schedule-failed", ...failure });
  }
  return known;
}
