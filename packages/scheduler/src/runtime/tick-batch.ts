import { inPoolTransaction, sqlStateOf } from "@millrace/base";
import {
  type AnswerLimit,
  type ConnectionPool,
  type EnqueueResult,
  type Executor,
  type InTransaction,
  isTransient,
  type NewJob,
} from "@millrace/queue";
import { type DueTick, type DueTicks, dueTicks } from "../domain/due-ticks.ts";
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

/** What the scheduler needs of a queue. */
export interface TickQueue {
  enqueueMany(jobs: readonly NewJob[], options?: InTransaction): Promise<EnqueueResult[]>;
}

/** What a tick needs. */
export interface TickDependencies {
  pool: ConnectionPool;
  /** How long to wait for a connection, and for each answer. */
  limit: AnswerLimit;
  queue: TickQueue;
  timetables: Timetables;
}

/** What became of a batch. */
export interface TickBatch {
  /** How many due schedules were locked. */
  found: number;
  /** What happened, to be told. */
  events: SchedulerEvent[];
  /** Schedules that were left as they are. */
  failures: ScheduleFailure[];
  /** Whether the failures are a guess: the batch was rolled back, and any one schedule of it may be the cause. */
  rolledBack: boolean;
}

/**
 * Fires due schedules in one transaction: locks them, advances them, enqueues the jobs of those that advanced, and
 * records what became of each tick. Throws what the database says when it is away; an error that a row may have
 * caused is returned instead.
 */
export async function tickBatch(dependencies: TickDependencies, options: LockOptions): Promise<TickBatch> {
  let found: DueSchedule[] = [];
  try {
    return await inPoolTransaction(dependencies, async (db) => {
      await limitTransaction(db, { lockMs: LOCK_MAX_MS });
      found = await lockDueSchedules(db, options);
      return fire(db, dependencies, found);
    });
  } catch (error) {
    if (found.length === 0 || (isTransient(error) && !isTooLate(error))) throw error;
    const failures = found.map((schedule) => failureOf(schedule, error));
    return { found: found.length, events: [], failures, rolledBack: true };
  }
}

/** How long a statement of a tick may wait for a lock, in ms. */
const LOCK_MAX_MS = 5_000;

/**
 * What PostgreSQL says when a lock was not had, or a statement not done, in time: one schedule of the batch may be the
 * cause, and the others must not wait for it.
 */
const TOO_LATE_STATES: ReadonlySet<string> = new Set(["55P03", "57014"]);

function isTooLate(error: unknown): boolean {
  return TOO_LATE_STATES.has(sqlStateOf(error) ?? "");
}

/** A schedule and what to do about it. */
interface Decision {
  schedule: DueSchedule;
  due: DueTicks;
}

/** A tick with its schedule, and its job once it has one. */
interface Accounted extends DueTick {
  schedule: DueSchedule;
  job: { id: string; outcome: EnqueuedTick["outcome"] } | null;
}

async function fire(
  db: Executor,
  { queue, timetables }: TickDependencies,
  found: DueSchedule[],
): Promise<TickBatch> {
  // Read when the locks are held: another scheduler may have committed a job since the statement that took them began.
  const careful = found.filter((schedule) => schedule.overlap === "skip").map((schedule) => schedule.id);
  const active = careful.length === 0 ? new Set() : await findActive(db, careful);
  const decisions: Decision[] = [];
  const failures: ScheduleFailure[] = [];
  for (const schedule of found) {
    try {
      const timetable = withinWindow(timetables(schedule.cron, schedule.timezone), schedule);
      decisions.push({
        schedule,
        due: dueTicks({ ...schedule, timetable, active: active.has(schedule.id) }, schedule.now),
      });
    } catch (error) {
      failures.push(failureOf(schedule, error));
    }
  }
  if (decisions.length === 0) return { found: found.length, events: [], failures, rolledBack: false };
  const advances = decisions.map(({ schedule: { id, nextRunRead }, due: { nextRunAt, lastTick } }) => {
    return { id, nextRunRead, nextRunAt, lastRunAt: lastTick };
  });
  const advanced = await advanceSchedules(db, advances);
  const firing = decisions.filter(({ schedule }) => advanced.has(schedule.id));
  const ticks = await enqueueTicks(db, queue, firing);
  if (ticks.length > 0) await recordTicks(db, ticks.map(recordOf));
  const events = [...firing.flatMap(eventsOf), ...ticks.flatMap(tickEvent)];
  return { found: found.length, events, failures, rolledBack: false };
}

/** Enqueues the jobs of the ticks that fire. Returns all ticks, those that fire with their job. */
async function enqueueTicks(
  db: Executor,
  queue: TickDependencies["queue"],
  firing: readonly Decision[],
): Promise<Accounted[]> {
  const ticks = firing.flatMap(({ schedule, due }) =>
    due.ticks.map((tick): Accounted => ({ ...tick, schedule, job: null })),
  );
  const fired = ticks.filter((tick) => tick.verdict === "fire");
  if (fired.length === 0) return ticks;
  const results = await queue.enqueueMany(fired.map(jobOf), { tx: db });
  for (const [index, tick] of fired.entries()) tick.job = jobFrom(results[index]);
  return ticks;
}

function jobOf({ schedule, tickAt }: Accounted): NewJob {
  const runAt = new Date(tickAt.getTime() + tickDelayMs(schedule.id, tickAt, schedule.jitterMs));
  return {
    type: schedule.jobType,
    payload: schedule.payload,
    queue: schedule.queue,
    priority: schedule.priority,
    maxAttempts: schedule.maxAttempts,
    idempotencyKey: tickKey(schedule.id, tickAt),
    scheduleId: schedule.id,
    // What is due already is due now: a job of the past would stand before all others of its queue.
    ...(runAt > schedule.now && { runAt }),
  };
}

/** A tick's job replaces none: either it was made now, or it was there. */
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
      const jobs = ticks.filter((tick) => tick.verdict === "fire").length;
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
