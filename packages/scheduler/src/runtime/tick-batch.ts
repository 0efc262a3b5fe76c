import { type Executor, isTransient, type NewJob, type Queue } from "@millrace/queue";
import { neverFires } from "../domain/cron.ts";
import { type DueTicks, dueTicks } from "../domain/due-ticks.ts";
import { parseTimetable } from "../domain/next-tick.ts";
import { tickKey } from "../domain/tick-key.ts";
import { type Advance, advanceSchedules } from "../store/advance-schedules.ts";
import { type ConnectionPool, inTransaction } from "../store/in-transaction.ts";
import { type DueSchedule, type LockOptions, lockDueSchedules } from "../store/lock-due-schedules.ts";
import type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";

/** What a tick needs. */
export interface TickDependencies {
  pool: ConnectionPool;
  queue: Pick<Queue, "enqueueMany">;
}

/** What became of a batch. */
export interface TickBatch {
  /** How many due schedules were locked. */
  found: number;
  ticks: EnqueuedTick[];
  /** What else happened, to be told. */
  events: SchedulerEvent[];
  /** Schedules that were left as they are. */
  failures: ScheduleFailure[];
  /** Whether the failures are a guess: the batch was rolled back, and any one schedule of it may be the cause. */
  rolledBack: boolean;
}

/**
 * Fires due schedules in one transaction: locks them, advances them, and enqueues the jobs of those that advanced.
 * Throws what the database says when it is away; an error that a row may have caused is returned instead.
 */
export async function tickBatch(dependencies: TickDependencies, options: LockOptions): Promise<TickBatch> {
  let found: DueSchedule[] = [];
  try {
    return await inTransaction(dependencies.pool, async (db) => {
      found = await lockDueSchedules(db, options);
      return fire(db, dependencies.queue, found);
    });
  } catch (error) {
    if (found.length === 0 || isTransient(error)) throw error;
    const failures = found.map((schedule) => failureOf(schedule, error));
    return { found: found.length, ticks: [], events: [], failures, rolledBack: true };
  }
}

/** A schedule and what to do about it. */
interface Decision {
  schedule: DueSchedule;
  due: DueTicks & { nextRunAt: Date };
}

async function fire(
  db: Executor,
  queue: TickDependencies["queue"],
  found: DueSchedule[],
): Promise<TickBatch> {
  const decisions: Decision[] = [];
  const failures: ScheduleFailure[] = [];
  for (const schedule of found) {
    try {
      decisions.push(decide(schedule));
    } catch (error) {
      failures.push(failureOf(schedule, error));
    }
  }
  const advanced =
    decisions.length === 0 ? new Set<string>() : await advanceSchedules(db, decisions.map(advanceOf));
  const firing = decisions.filter(({ schedule }) => advanced.has(schedule.id));
  const ticks = await enqueueTicks(db, queue, firing);
  return { found: found.length, ticks, events: firing.flatMap(eventsOf), failures, rolledBack: false };
}

function decide(schedule: DueSchedule): Decision {
  const timetable = parseTimetable(schedule.cron, schedule.timezone);
  const due = dueTicks({ ...schedule, timetable }, schedule.now);
  const { nextRunAt } = due;
  if (nextRunAt === null) throw neverFires(schedule.cron);
  return { schedule, due: { ...due, nextRunAt } };
}

function advanceOf({ schedule, due }: Decision): Advance {
  return {
    id: schedule.id,
    nextRunRead: schedule.nextRunRead,
    nextRunAt: due.nextRunAt,
    lastRunAt: due.lastTick,
  };
}

async function enqueueTicks(
  db: Executor,
  queue: TickDependencies["queue"],
  firing: readonly Decision[],
): Promise<EnqueuedTick[]> {
  const ticks = firing.flatMap(({ schedule, due }) => due.ticks.map((tickAt) => ({ schedule, tickAt })));
  if (ticks.length === 0) return [];
  const results = await queue.enqueueMany(
    ticks.map(({ schedule, tickAt }) => jobOf(schedule, tickAt)),
    { tx: db },
  );
  return ticks.flatMap(({ schedule, tickAt }, index) => {
    const result = results[index];
    if (result === undefined) return [];
    const { id: jobId, outcome } = result;
    return [{ scheduleId: schedule.id, scheduleName: schedule.name, tickAt, jobId, outcome }];
  });
}

function jobOf(schedule: DueSchedule, tickAt: Date): NewJob {
  return {
    type: schedule.jobType,
    payload: schedule.payload,
    queue: schedule.queue,
    priority: schedule.priority,
    maxAttempts: schedule.maxAttempts,
    idempotencyKey: tickKey(schedule.id, tickAt),
    scheduleId: schedule.id,
  };
}

function eventsOf({ schedule, due }: Decision): SchedulerEvent[] {
  const { nextRunAt: firstTickAt } = schedule;
  const { lastTick: lastTickAt, ticks } = due;
  if (firstTickAt === null || lastTickAt === null) return [];
  const about = { scheduleId: schedule.id, scheduleName: schedule.name };
  const events: SchedulerEvent[] = [];
  if (due.misfired) {
    const policy = schedule.misfire;
    events.push({ kind: "misfire", ...about, policy, firstTickAt, lastTickAt, jobs: ticks.length });
  }
  if (due.overlapped) events.push({ kind: "overlap-skipped", ...about, lastTickAt });
  return events;
}

function failureOf(schedule: DueSchedule, error: unknown): ScheduleFailure {
  return { scheduleId: schedule.id, scheduleName: schedule.name, error };
}
