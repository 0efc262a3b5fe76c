import {
  type Beat,
  checkFields,
  fieldNames,
  integerIn,
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
  checkTelemetry,
  InvalidOptionError,
  type ListenPool,
  NoAnswerError,
  systemClock,
  type Telemetry,
  withJitter,
} from "@millrace/queue";
import { cachedTimetables } from "../domain/timetable-cache.ts";
import { ANSWER_MAX_MS } from "../store/limit-transaction.ts";
import { nextDueMs } from "../store/next-due-ms.ts";
import { SCHEDULES_CHANNEL } from "../store/schedules-channel.ts";
import type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type Round, tickAllDue } from "./tick-all-due.ts";
import type { TickQueue } from "./tick-batch.ts";

/** The options of a scheduler. Only `pool` and `queue` are required. */
export interface SchedulerOptions {
  /**
   * A pg pool on the database of the schedules.
   * - The owner of the pool ends the pool, and handles the pool's `error` events.
   * - The scheduler replaces a connection that gives no answer within 30 s, and reports an `error` event.
   * - Give the pool a `connectionTimeoutMillis`: only the pool can give up a new connection that stays silent.
   */
  pool: ConnectionPool;
  /** The queue on the same database. */
  queue: TickQueue;
  /**
   * A pg pool. The scheduler keeps one connection of this pool, to listen for schedules that other processes change.
   * - `listenOn` may be `pool`, if `pool` has more than one connection.
   * - Leave `listenOn` out behind a pooler in transaction mode. The scheduler then finds such changes in its next
   *   round.
   */
  listenOn?: ListenPool;
  /** The longest time between two rounds, in ms, 100 to 15,000. Default 15,000. Each round fires all due schedules. */
  tickMs?: number;
  /** Tells of the ticks: `openTelemetry()` of `@millrace/queue/opentelemetry`. Default: nobody is told. */
  telemetry?: Telemetry;
  /**
   * How long one run of a job may take that this scheduler enqueues at a tick, in ms, from 1, by the schedule's name.
   * Such a job has the time-out as its own. Default: the job's task, its queue or its worker decides.
   */
  jobTimeoutMs?: Readonly<Record<string, number>>;
  clock?: Clock;
  /** Receives every event. The scheduler does not catch an error that `onEvent` throws. */
  onEvent?(event: SchedulerEvent): void;
}

/** The result of a call of `tickOnce`. */
export interface TickResult {
  ticks: EnqueuedTick[];
  /** Schedules that cannot tick. Their rows stay as they are, and the next round tries these schedules again. */
  failures: ScheduleFailure[];
}

/** Fires due schedules. Any number of schedulers may run on one database: each tick makes one job. */
export interface Scheduler {
  /**
   * Begins to fire due schedules: at once, then whenever the next schedule is due.
   * Throws `InvalidOptionError` when the scheduler was started or stopped before.
   */
  start(): void;
  /**
   * Begins no further batch, and waits for the batch under way. After 5 s, `stop` gives the batch up and closes the
   * connection. Ticks that were not committed stay due for the next scheduler. Another call returns the same promise.
   */
  stop(): Promise<void>;
  /**
   * Fires all schedules that are due now. Throws the database's error when the database is away, and `NoAnswerError`
   * (`ETIMEDOUT`) when no answer comes within 30 s.
   */
  tickOnce(): Promise<TickResult>;
}

/** How long to wait, in ms, when a schedule is due but the round fired none: another scheduler has locked the rows. */
const OVERDUE_MS = 100;

/** How long to wait after a failed round, in ms. Most rounds fail because the database is away. */
const ERROR_BACKOFF = { baseMs: 1_000, capMs: 14_000, jitterMs: 1_000 };

/** How long `stop` waits for the batch under way, in ms. Most batches take less than one second. */
const STOP_MAX_MS = 5_000;

const FIELDS = fieldNames<SchedulerOptions>({
  pool: true,
  queue: true,
  listenOn: true,
  tickMs: true,
  telemetry: true,
  jobTimeoutMs: true,
  clock: true,
  onEvent: true,
});

/**
 * Creates a scheduler, which does nothing before `start` or `tickOnce`. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const queue = createQueue(pool);
 * const scheduler = createScheduler({ pool, queue, listenOn: pool });
 * scheduler.start();
 * process.once("SIGTERM", () => void scheduler.stop());
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  checkFields("options", options, FIELDS);
  const { pool, tickMs = 15_000, clock = systemClock, onEvent = () => {} } = options;
  if (!Number.isInteger(tickMs) || tickMs < 100 || tickMs > 15_000) {
    throw new InvalidOptionError("tickMs", "an integer from 100 to 15000", tickMs);
  }
  if (options.telemetry !== undefined) checkTelemetry(options.telemetry);
  checkTimeouts(options.jobTimeoutMs);
  // Checks only this case. Two pools may share one connection of a pooler, but no code here can find that out.
  if (options.listenOn !== undefined && Object.is(options.listenOn, pool) && isPoolOfOne(pool)) {
    throw new InvalidOptionError(
      "listenOn",
      "left out, or a pg pool of more than one connection",
      "`pool`, which has one",
    );
  }
  const rounds = createRounds({ ...options, tickMs, clock, onEvent });
  let beats: Beat[] | undefined;
  let stopping: Promise<void> | undefined;
  return {
    async tickOnce() {
      const ticks: EnqueuedTick[] = [];
      const { failures } = await rounds.run((event) => {
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
      const beat = startBeat({ clock, firstMs: 0, work: rounds.work });
      beats = [beat];
      const { listenOn } = options;
      if (listenOn === undefined) return;
      const onError = (error: unknown) => onEvent({ kind: "listen-error", error });
      const onNotice = () => beat.wake();
      beats.push(startListener({ pool: listenOn, clock, channel: SCHEDULES_CHANNEL, onNotice, onError }));
    },
    stop() {
      rounds.end();
      stopping ??= (async () => {
        if (beats === undefined) return;
        const stopTimer = clock.after(STOP_MAX_MS, rounds.giveUp);
        await Promise.all(beats.map((beat) => beat.stop()));
        stopTimer();
        onEvent({ kind: "stopped" });
      })();
      return stopping;
    },
  };
}

/** Any text may be the name of a schedule, so only the values are checked. */
function checkTimeouts(jobTimeoutMs: SchedulerOptions["jobTimeoutMs"]): void {
  if (jobTimeoutMs === undefined) return;
  checkFields("jobTimeoutMs", jobTimeoutMs, Object.keys(Object(jobTimeoutMs)));
  for (const [name, ms] of Object.entries(jobTimeoutMs))
    integerIn(`jobTimeoutMs.${name}`, ms, [1, Number.MAX_SAFE_INTEGER]);
}

/** The rounds of one scheduler. */
function createRounds(
  options: SchedulerOptions & Required<Pick<SchedulerOptions, "tickMs" | "clock" | "onEvent">>,
) {
  const { pool, queue, tickMs, telemetry, clock, onEvent } = options;
  const timetables = cachedTimetables();
  const jobTimeoutMs: ReadonlyMap<string, number> = new Map(Object.entries(options.jobTimeoutMs ?? {}));
  let reported: ReadonlyMap<string, string> = new Map();
  let failedRounds = 0;
  let ended = false;
  const givenUp = new AbortController();
  const limit: AnswerLimit = { ms: ANSWER_MAX_MS, after: clock.after, signal: givenUp.signal };

  async function run(emit: (event: SchedulerEvent) => void): Promise<Round> {
    const round = await tickAllDue(
      { pool, limit, queue, timetables, telemetry, jobTimeoutMs },
      { emit, stopped: () => ended },
    );
    reported = reportFailures(round.failures, reported, onEvent);
    return round;
  }

  /** Runs one round. Returns how long to wait for the next round, in ms. */
  async function work(): Promise<number> {
    try {
      const { fired, failures } = await run(onEvent);
      // A schedule that cannot tick waits for the regular round, so that the scheduler does not try again at once.
      const exclude = failures.map((failure) => failure.scheduleId);
      const due = await onConnection({ pool, limit }, (db) => nextDueMs(db, { exclude }));
      failedRounds = 0;
      if (due === null) return tickMs;
      if (due > 0) return Math.min(tickMs, due);
      // A schedule is due: it became due during the round, or another scheduler has locked all due schedules.
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
    run,
    work,
    end() {
      ended = true;
    },
    /** Ends the statement under way, and so the batch. */
    giveUp() {
      givenUp.abort(
        new NoAnswerError("The scheduler stops, and its batch under way did not end", STOP_MAX_MS),
      );
    },
  };
}

/** Reports the failures that the previous round did not have. Returns the failures known now, as text by schedule. */
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
