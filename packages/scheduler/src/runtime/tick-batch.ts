import { inPoolTransaction, sqlStateOf } from "@millrace/base";
import {
  type AnswerLimit,
  type ConnectionPool,
  type EnqueueResult,
  type Executor,
  type FiredTick,
  type InTransaction,
  isTransient,
  JsonText,
  type NewJob,
  type Telemetry,
  type TickTrace,
} from "@millrace/queue";
import { type DueTick, type DueTicks, dueTicks, type FoundSchedule } from "../domain/due-ticks.ts";
import { isFirstRun } from "../domain/first-run.ts";
import { runsLeft } from "../domain/run-limit.ts";
import { tickDelayMs } from "../domain/tick-delay.ts";
import { tickKey } from "../domain/tick-key.ts";
import { withinWindow } from "../domain/tick-window.ts";
import type { Timetables } from "../domain/timetable-cache.ts";
import { advanceSchedules } from "../store/advance-schedules.ts";
import { findActive } from "../store/find-active.ts";
import { limitTransaction } from "../store/limit-transaction.ts";
import { type DueSchedule, type LockOptions, lockDueSchedules } from "../store/lock-due-schedules.ts";
import { recordTicks, type TickRecord } from "../store/record-ticks.ts";
import type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";

/** The part of a queue that a scheduler uses. */
export interface TickQueue {
  enqueueMany(jobs: readonly NewJob[], options?: InTransaction): Promise<EnqueueResult[]>;
}

/** The dependencies of a batch of ticks. */
export interface TickDependencies {
  pool: ConnectionPool;
  /** How long to wait for a connection, and for each answer. */
  limit: AnswerLimit;
  queue: TickQueue;
  timetables: Timetables;
  /** Undefined: nobody is told of ticks. */
  telemetry: Telemetry | undefined;
  /** The time-outs of jobs, in ms, by the name of their schedule. */
  jobTimeoutMs: ReadonlyMap<string, number>;
}

/** The result of a batch. */
export interface TickBatch {
  /** How many due schedules were locked. */
  found: number;
  /** The events to report. */
  events: SchedulerEvent[];
  /** Schedules that cannot tick. Their rows stay as they are. */
  failures: ScheduleFailure[];
  /**
   * Whether the batch was rolled back. Any schedule of the batch may be the cause, so `failures` lists all schedules.
   */
  rolledBack: boolean;
}

/**
 * Fires due schedules in one transaction:
 * - locks the schedules, and advances them,
 * - enqueues the jobs of the schedules that advanced,
 * - records the outcome of each tick.
 *
 * Throws the database's error when the database is away. Returns any other error as a failure of the schedules.
 */
export async function tickBatch(dependencies: TickDependencies, options: LockOptions): Promise<TickBatch> {
  let found: DueSchedule[] = [];
  const fired: Accounted[] = [];
  try {
    const batch = await inPoolTransaction(dependencies, async (db) => {
      await limitTransaction(db, { lockMs: LOCK_MAX_MS });
      found = await lockDueSchedules(db, options);
      return fire(db, dependencies, { found, fired });
    });
    for (const { trace, job } of fired) trace?.end(job?.id ?? null);
    return batch;
  } catch (error) {
    for (const { trace } of fired) trace?.end(null, error);
    if (found.length === 0 || (isTransient(error) && !isTooLate(error))) throw error;
    const failures = found.map((schedule) => failureOf(schedule, error));
    return { found: found.length, events: [], failures, rolledBack: true };
  }
}

/** How long a statement of a batch may wait for a lock, in ms. */
const LOCK_MAX_MS = 5_000;

/**
 * The SQLSTATEs of a lock that was not granted in time (55P03), and of a statement that took too long (57014).
 * One schedule of the batch may be the cause, and the other schedules must not wait for this one.
 */
const TOO_LATE_STATES: ReadonlySet<string> = new Set(["55P03", "57014"]);

function isTooLate(error: unknown): boolean {
  return TOO_LATE_STATES.has(sqlStateOf(error) ?? "");
}

/** A schedule, and the decision about its due ticks. */
interface Decision {
  schedule: DueSchedule;
  due: DueTicks;
}

/** A tick with its schedule, and with its job once the job exists. */
interface Accounted extends DueTick {
  schedule: DueSchedule;
  job: { id: string; outcome: EnqueuedTick["outcome"] } | null;
  /** The span of a tick that fires; null without one. */
  trace: TickTrace | null;
}

async function fire(
  db: Executor,
  { queue, timetables, telemetry, jobTimeoutMs }: TickDependencies,
  { found, fired }: { found: DueSchedule[]; fired: Accounted[] },
): Promise<TickBatch> {
  // Looks for active jobs after the locks, in a new statement. The statement that locks sees only commits from before
  // its start, and another scheduler may have committed a job since then.
  const careful = found.filter((schedule) => schedule.overlap === "skip").map((schedule) => schedule.id);
  const active = careful.length === 0 ? new Set() : await findActive(db, careful);
  const decisions: Decision[] = [];
  const failures: ScheduleFailure[] = [];
  for (const schedule of found) {
    try {
      const due = dueTicks(
        foundSchedule(schedule, { timetables, active: active.has(schedule.id) }),
        schedule.now,
      );
      decisions.push({ schedule, due });
    } catch (error) {
      failures.push(failureOf(schedule, error));
    }
  }
  if (decisions.length === 0) return { found: found.length, events: [], failures, rolledBack: false };
  const advances = decisions.map(({ schedule: { id, nextRunRead }, due: { nextRunAt, lastTick, ticks } }) => {
    return { id, nextRunRead, nextRunAt, lastRunAt: lastTick, fired: firingIn(ticks) };
  });
  const advanced = await advanceSchedules(db, advances);
  const firing = decisions.filter(({ schedule }) => advanced.has(schedule.id));
  const ticks = accountedTicks(firing);
  fired.push(...ticks.filter((tick) => tick.verdict === "fire"));
  if (telemetry !== undefined) for (const tick of fired) tick.trace = telemetry.tick(firedTick(tick));
  await enqueueTicks(db, { queue, jobTimeoutMs }, fired);
  if (ticks.length > 0) await recordTicks(db, ticks.map(recordOf));
  const events = [...firing.flatMap(eventsOf), ...ticks.flatMap(tickEvent)];
  return { found: found.length, events, failures, rolledBack: false };
}

function foundSchedule(
  schedule: DueSchedule,
  { timetables, active }: { timetables: Timetables; active: boolean },
): FoundSchedule {
  const { nextRunAt, misfire, overlap } = schedule;
  return {
    timetable: withinWindow(timetables(schedule), schedule),
    ...{ nextRunAt, misfire, overlap, active },
    runsLeft: runsLeft(schedule),
    firstRun: isFirstRun(schedule),
  };
}

function firingIn(ticks: readonly DueTick[]): number {
  return ticks.filter((tick) => tick.verdict === "fire").length;
}

function accountedTicks(firing: readonly Decision[]): Accounted[] {
  return firing.flatMap(({ schedule, due }) =>
    due.ticks.map((tick): Accounted => ({ ...tick, schedule, job: null, trace: null })),
  );
}

function firedTick({ schedule, tickAt }: Accounted): FiredTick {
  const { id: scheduleId, name: scheduleName, queue, jobType: type } = schedule;
  return { scheduleId, scheduleName, tickAt, queue, type };
}

/** Enqueues the jobs of the ticks that fire, and gives each tick its job. */
async function enqueueTicks(
  db: Executor,
  { queue, jobTimeoutMs }: Pick<TickDependencies, "queue" | "jobTimeoutMs">,
  fired: readonly Accounted[],
): Promise<void> {
  if (fired.length === 0) return;
  const jobs = fired.map((tick) => jobOf(tick, jobTimeoutMs.get(tick.schedule.name)));
  const results = await queue.enqueueMany(jobs, { tx: db });
  for (const [index, tick] of fired.entries()) tick.job = jobFrom(results[index]);
}

function jobOf({ schedule, tickAt, trace }: Accounted, timeoutMs: number | undefined): NewJob {
  // The run at the creation is for at once.
  const isFirst = isFirstRun({ createdAt: schedule.createdAt, nextRunAt: tickAt });
  const delayMs = isFirst ? 0 : tickDelayMs(schedule.id, tickAt, schedule.jitterMs);
  const runAt = new Date(tickAt.getTime() + delayMs);
  return {
    type: schedule.jobType,
    payload: new JsonText(schedule.payloadText),
    queue: schedule.queue,
    priority: schedule.priority,
    maxAttempts: schedule.maxAttempts,
    idempotencyKey: tickKey(schedule.id, tickAt),
    scheduleId: schedule.id,
    tickAt,
    ...(timeoutMs !== undefined && { timeoutMs }),
    // A job that is due now gets no `runAt`: with a `runAt` in the past, it would be claimed before all waiting jobs.
    ...(runAt > schedule.now && { runAt }),
    ...(trace?.trace && { traceContext: trace.trace }),
  };
}

/** Returns the job of a tick. The enqueue of a tick never replaces a job, so the outcome is one of two. */
function jobFrom(result: EnqueueResult | undefined): Accounted["job"] {
  if (result === undefined) return null;
  return { id: result.id, outcome: result.outcome === "enqueued" ? "enqueued" : "duplicate" };
}

function recordOf({ schedule, tickAt, verdict, job }: Accounted): TickRecord {
  const outcome = verdict === "fire" ? (job?.outcome ?? "enqueued") : verdict;
  return { scheduleId: schedule.id, tickAt, outcome, jobId: job?.id ?? null };
}

function tickEvent({ schedule, tickAt, job }: Accounted): SchedulerEvent[] {
  if (job === null) return [];
  const { id: jobId, outcome } = job;
  return [{ kind: "tick", scheduleId: schedule.id, scheduleName: schedule.name, tickAt, jobId, outcome }];
}

function eventsOf({ schedule, due }: Decision): SchedulerEvent[] {
  const { nextRunAt: firstTickAt } = schedule;
  const { lastTick: lastTickAt, ticks } = due;
  const about = { scheduleId: schedule.id, scheduleName: schedule.name };
  const events: SchedulerEvent[] = [];
  if (firstTickAt !== null && lastTickAt !== null) {
    if (due.misfired) {
      const jobs = firingIn(ticks);
      events.push({ kind: "misfire", ...about, policy: schedule.misfire, firstTickAt, lastTickAt, jobs });
    }
    if (ticks.some((tick) => tick.verdict === "overlap-skipped")) {
      events.push({ kind: "overlap-skipped", ...about, lastTickAt });
    }
  }
  if (due.nextRunAt === null) events.push({ kind: "schedule-ended", ...about, lastTickAt });
  return events;
}

function failureOf(schedule: DueSchedule, error: unknown): ScheduleFailure {
  return { scheduleId: schedule.id, scheduleName: schedule.name, error };
}
