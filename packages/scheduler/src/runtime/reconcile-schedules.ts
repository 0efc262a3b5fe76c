import { isDeepStrictEqual } from "node:util";
import { inPoolTransaction } from "@millrace/base";
import { type ConnectionPool, type Executor, InvalidOptionError, systemClock } from "@millrace/queue";
import type { ScheduleDeclaration } from "../define-schedule.ts";
import type { ScheduleFields } from "../domain/check-schedule.ts";
import { countFrom } from "../domain/count-from.ts";
import { parseTimetable } from "../domain/next-tick.ts";
import {
  type DeclaredField,
  declaredValues,
  type FieldDrift,
  foundValues,
  reconcileFields,
} from "../domain/reconcile-fields.ts";
import { withinWindow } from "../domain/tick-window.ts";
import { SchedulerError } from "../errors.ts";
import { insertSchedule } from "../store/insert-schedule.ts";
import { ANSWER_MAX_MS, limitTransaction } from "../store/limit-transaction.ts";
import { type DeclaredSchedule, lockDeclaredSchedules } from "../store/lock-declared-schedules.ts";
import { readNow } from "../store/read-now.ts";
import { updateSchedule } from "../store/update-schedule.ts";
import type { Timing } from "./first-tick.ts";
import { timingOf } from "./write-schedule.ts";

/** Where the database and the declarations differ. All of it was left as it is. */
export type ScheduleDrift =
  /** An operator changed fields that code declares. */
  | { kind: "edited"; name: string; fields: FieldDrift[] }
  /** The name is that of a schedule that an operator made. */
  | { kind: "name-taken"; name: string }
  /** Code declared it before, and no longer does; it goes on ticking until it is disabled or deleted. */
  | { kind: "undeclared"; name: string }
  /** It is declared, has no further tick, and is not there: it was not created. */
  | { kind: "no-future"; name: string };

/** What reconciling did. */
export interface ReconcileReport {
  created: string[];
  updated: { name: string; fields: DeclaredField[] }[];
  /** Those that needed no write, whether they drifted or not. */
  unchanged: string[];
  drift: ScheduleDrift[];
}

/**
 * Brings the schedules that code declares into the database, all or none, in one transaction: creates those that are
 * not there, and updates the fields that still are what code last declared. What operators made or changed is left,
 * and reported. Nothing is deleted, enabled or disabled. Throws `InvalidScheduleError` for a payload that does not
 * fit its task, and `InvalidOptionError` for a name that is declared twice; then nothing was written.
 */
export async function reconcileSchedules(
  pool: ConnectionPool,
  declarations: readonly ScheduleDeclaration[],
): Promise<ReconcileReport> {
  const byName = new Map(declarations.map((declaration) => [declaration.fields.name, declaration]));
  if (byName.size < declarations.length) {
    const names = declarations.map((declaration) => declaration.fields.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    throw new InvalidOptionError("declarations", "schedules of different names", `two named "${twice}"`);
  }
  for (const declaration of declarations) await declaration.checkPayload();
  const limit = { ms: ANSWER_MAX_MS, after: systemClock.after };
  return inPoolTransaction({ pool, limit }, async (db) => {
    await limitTransaction(db);
    const report: ReconcileReport = { created: [], updated: [], unchanged: [], drift: [] };
    const found = await lockDeclaredSchedules(db, [...byName.keys()]);
    const foundByName = new Map(found.map((schedule) => [schedule.name, schedule]));
    const now = await readNow(db);
    for (const { fields } of declarations) {
      const schedule = foundByName.get(fields.name);
      if (schedule === undefined) await create({ db, now, report }, fields);
      else await update({ db, now, report }, fields, schedule);
    }
    const undeclared = found.filter(({ name, formerly }) => formerly !== null && !byName.has(name));
    for (const { name } of undeclared) report.drift.push({ kind: "undeclared", name });
    return report;
  });
}

interface Reconciling {
  db: Executor;
  now: Date;
  report: ReconcileReport;
}

type Declared = ScheduleDeclaration["fields"];

async function create({ db, now, report }: Reconciling, fields: Declared): Promise<void> {
  const { name } = fields;
  const first = nextOf(timingOf(fields), now);
  // No error: a campaign that is over must not keep its code from starting.
  if (first === null) {
    report.drift.push({ kind: "no-future", name });
    return;
  }
  const declared = JSON.stringify(declaredValues(fields));
  const nextRunAt = fields.enabled ? first : null;
  const created = await insertSchedule(db, { ...fields, nextRunAt, declared });
  // Somebody created it in between.
  if (created === null) report.drift.push({ kind: "name-taken", name });
  else report.created.push(name);
}

async function update(
  { db, now, report }: Reconciling,
  fields: Declared,
  schedule: DeclaredSchedule,
): Promise<void> {
  const { name, formerly } = schedule;
  if (formerly === null) {
    report.drift.push({ kind: "name-taken", name });
    return;
  }
  const declared = declaredValues(fields);
  const { changed, drift } = reconcileFields({ found: foundValues(schedule), formerly, declared });
  if (drift.length > 0) report.drift.push({ kind: "edited", name, fields: drift });
  if (changed.length > 0) report.updated.push({ name, fields: changed });
  else report.unchanged.push(name);
  if (changed.length === 0 && isDeepStrictEqual(formerly, declared)) return;
  const changes = Object.fromEntries(
    Object.entries(fields).filter(([field]) => changed.includes(field as DeclaredField)),
  ) as Partial<ScheduleFields>;
  const next = retimed(schedule, { changes, changed, now });
  const { id, version } = schedule;
  await updateSchedule(db, {
    ...{ id, version, fields: changes, declared: JSON.stringify(declared) },
    ...(next !== undefined && { nextRunAt: next }),
  });
}

const TIMED: readonly DeclaredField[] = ["cron", "timezone", "startsAt", "endsAt"];

/** The tick to come after the changes; undefined when they do not touch it. */
function retimed(
  schedule: DeclaredSchedule,
  { changes, changed, now }: { changes: Partial<ScheduleFields>; changed: DeclaredField[]; now: Date },
): Date | null | "none" | undefined {
  if (!changed.some((field) => TIMED.includes(field))) return undefined;
  if (!schedule.enabled) return "none";
  const { cron, timezone, startsAt, endsAt } = schedule;
  const kept = { cron, timezone, startsAt: isoOf(startsAt), endsAt: isoOf(endsAt) };
  try {
    const after = timingOf({ ...kept, ...changes });
    return nextOf(after, countFrom(schedule, after, now));
  } catch (error) {
    // An expression or zone that was written by hand, and that the scheduler tells of.
    if (error instanceof SchedulerError) return undefined;
    throw error;
  }
}

function nextOf(timing: Timing, from: Date): Date | null {
  return withinWindow(parseTimetable(timing.cron, timing.timezone), timing).next(from);
}

function isoOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
