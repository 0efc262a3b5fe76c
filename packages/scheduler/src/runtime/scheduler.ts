import {
  type Beat,
  checkFields,
  fieldNames,
  isPoolOfOne,
  onConnection,
  startBeat,
  startListener,
} from "@millrace/base";
import {
  type AnswerLimit,
  backoffMs,
  type Clock,
  type ConnectionPool,
  InvalidOptionError,
  type ListenPool,
  NoAnswerError,
  systemClock,
  withJitter,
} from "@millrace/queue";
import { cachedTimetables } from "../domain/timetable-cache.ts";
import { ANSWER_MAX_MS } from "../store/limit-transaction.ts";
import { nextDueMs } from "../store/next-due-ms.ts";
import { SCHEDULES_CHANNEL } from "../store/schedules-channel.ts";
import type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type Round, tickAllDue } from "./tick-all-due.ts";
import type { TickQueue } from "./tick-batch.ts";

/** What a scheduler is made of; only `pool` and `queue` are needed. */
export interface SchedulerOptions {
  /**
   * A pg pool. It is not ended, and errors of its idle connections are its owner's to listen to. A connection that
   * gives no answer within 30 s is replaced, and an `error` event tells so. Give the pool a `connectionTimeoutMillis`:
   * a new connection that stays silent is the pool's own to give up.
   */
  pool: ConnectionPool;
  /** The queue on the same database. */
  queue: TickQueue;
  /**
   * A pg pool, of which one connection is kept to hear of schedules that other processes change. It may be `pool`, if
   * that has more than one connection. Without `listenOn`, as behind a pooler in transaction mode, such a change is
   * found at the next look.
   */
  listenOn?: ListenPool;
  /** The longest time between two looks at the schedules, in ms, 100 to 15,000. Default 15,000. */
  tickMs?: number;
  clock?: Clock;
  /** Told of everything that happens. An error it throws is the caller's, and is not caught. */
  onEvent?(event: SchedulerEvent): void;
}

/** What one look at the schedules did. */
export interface TickResult {
  ticks: EnqueuedTick[];
  /** Schedules that cannot tick; they were left as they are, and are looked at again next time. */
  failures: ScheduleFailure[];
}

/** Fires due schedules. Any number of schedulers may run on one database: a tick makes one job. */
export interface Scheduler {
  /** Starts looking for due schedules, at once and then whenever the next one is due. A scheduler starts once. */
  start(): void;
  /**
   * Stops looking and waits for the batch under way. A batch that does not end within 5 s is given up, and its
   * connection closed: what it had not committed is left to another scheduler. May be called again.
   */
  stop(): Promise<void>;
  /** Fires all that is due now. Throws what the database says when it is away, and `NoAnswerError`. */
  tickOnce(): Promise<TickResult>;
}

/** What is overdue after a round that fired nothing is locked by another scheduler: look again soon. */
const OVERDUE_MS = 100;

/** How long to wait after a round failed: the database is away. */
const ERROR_BACKOFF = { baseMs: 1_000, capMs: 14_000, jitterMs: 1_000 };

/** How long `stop` waits for the batch under way, in ms: most take less than one second. */
const STOP_MAX_MS = 5_000;

const FIELDS = fieldNames<SchedulerOptions>({
  pool: true,
  queue: true,
  listenOn: true,
  tickMs: true,
  clock: true,
  onEvent: true,
});

/** Creates a scheduler; it does nothing until started. Throws `InvalidOptionError`. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  checkFields("options", options, FIELDS);
  const { pool, tickMs = 15_000, clock = systemClock, onEvent = () => {} } = options;
  if (!Number.isInteger(tickMs) || tickMs < 100 || tickMs > 15_000) {
    throw new InvalidOptionError("tickMs", "an integer from 100 to 15000", tickMs);
  }
  // Of one pool: which other pools share a database's connections cannot be known.
  if (options.listenOn !== undefined && Object.is(options.listenOn, pool) && isPoolOfOne(pool)) {
    throw new InvalidOptionError(
      "listenOn",
      "left out, or a pg pool of more than one connection",
      "`pool`, which has one",
    );
  }
  const looks = createLooks({ ...options, tickMs, clock, onEvent });
  let beats: Beat[] | undefined;
  let stopping: Promise<void> | undefined;
  return {
    async tickOnce() {
      const ticks: EnqueuedTick[] = [];
      const { failures } = await looks.look((event) => {
        onEvent(event);
        if (event.kind !== "tick") return;
        const { kind: _kind, ...tick } = event;
        ticks.push(tick);
      });
      return { ticks, failures };
    },
    start() {
      if (beats !== undefined || stopping !== undefined) {
        throw new InvalidOptionError("start", {
          message:
            stopping === undefined
              ? "`start` was called twice on one scheduler. Call it once."
              : "`start` was called on a scheduler that was stopped. Create another one by `createScheduler`.",
        });
      }
      onEvent({ kind: "started" });
      const looking = startBeat({ clock, firstMs: 0, work: looks.work });
      beats = [looking];
      const { listenOn } = options;
      if (listenOn === undefined) return;
      const onError = (error: unknown) => onEvent({ kind: "listen-error", error });
      const onNotice = () => looking.wake();
      beats.push(startListener({ pool: listenOn, clock, channel: SCHEDULES_CHANNEL, onNotice, onError }));
    },
    stop() {
      looks.end();
      stopping ??= (async () => {
        if (beats === undefined) return;
        const stopTimer = clock.after(STOP_MAX_MS, looks.giveUp);
        await Promise.all(beats.map((beat) => beat.stop()));
        stopTimer();
        onEvent({ kind: "stopped" });
      })();
      return stopping;
    },
  };
}

/** The looks of one scheduler at its schedules. */
function createLooks(
  options: SchedulerOptions & Required<Pick<SchedulerOptions, "tickMs" | "clock" | "onEvent">>,
) {
  const { pool, queue, tickMs, clock, onEvent } = options;
  const timetables = cachedTimetables();
  let reported: ReadonlyMap<string, string> = new Map();
  let failedRounds = 0;
  let ended = false;
  const givenUp = new AbortController();
  const limit: AnswerLimit = { ms: ANSWER_MAX_MS, after: clock.after, signal: givenUp.signal };

  async function look(emit: (event: SchedulerEvent) => void): Promise<Round> {
    const round = await tickAllDue({ pool, limit, queue, timetables }, { emit, stopped: () => ended });
    reported = reportFailures(round.failures, reported, onEvent);
    return round;
  }

  /** One look. Returns how long to wait for the next, in ms. */
  async function work(): Promise<number> {
    try {
      const { fired, failures } = await look(onEvent);
      // What cannot tick is left to the regular beat; it must not keep the scheduler awake.
      const exclude = failures.map((failure) => failure.scheduleId);
      const due = await onConnection({ pool, limit }, (db) => nextDueMs(db, { exclude }));
      failedRounds = 0;
      if (due === null) return tickMs;
      if (due > 0) return Math.min(tickMs, due);
      // Due already: it came due meanwhile, unless nothing could be locked.
      return fired > 0 ? 0 : OVERDUE_MS;
    } catch (error) {
      failedRounds += 1;
      const delayMs = backoffMs(failedRounds, ERROR_BACKOFF);
      const retryInMs = withJitter(delayMs, ERROR_BACKOFF.jitterMs, clock.random);
      onEvent({ kind: "error", error, retryInMs });
      return retryInMs;
    }
  }

  return {
    look,
    work,
    end() {
      ended = true;
    },
    /** Ends the statement under way, and with it the batch. */
    giveUp() {
      givenUp.abort(
        new NoAnswerError("The scheduler stops, and its batch under way did not end", STOP_MAX_MS),
      );
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
