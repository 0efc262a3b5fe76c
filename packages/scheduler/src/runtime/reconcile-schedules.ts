import { isDeepStrictEqual } from "node:util";
import { checkFields, fieldNames, inPoolTransaction } from "@millrace/base";
import {
  type AuditedState,
  type AuditOptions,
  type ConnectionPool,
  checkAuditOptions,
  type Executor,
  InvalidOptionError,
  recordCommand,
  systemClock,
} from "@millrace/queue";
import type { ScheduleDeclaration } from "../define-schedule.ts";
import type { ScheduleFields } from "../domain/check-schedule.ts";
import { countFrom } from "../domain/count-from.ts";
import { isFirstRun } from "../domain/first-run.ts";
import {
  type DeclaredField,
  declaredValues,
  type FieldDrift,
  foundValues,
  reconcileFields,
} from "../domain/reconcile-fields.ts";
import { SchedulerError } from "../errors.ts";
import { insertSchedule } from "../store/insert-schedule.ts";
import { ANSWER_MAX_MS, limitTransaction } from "../store/limit-transaction.ts";
import { type DeclaredSchedule, lockDeclaredSchedules } from "../store/lock-declared-schedules.ts";
import { readNow } from "../store/read-now.ts";
import { updateSchedule } from "../store/update-schedule.ts";
import { auditedChange, auditedCreation } from "./audited-schedule.ts";
import { findTick } from "./first-tick.ts";
import { TIMED_FIELDS, timedFields, timingOf } from "./timed-fields.ts";
import { beginning } from "./write-schedule.ts";

/** A difference between the database and the declarations. Reconciling leaves every such difference as it is. */
export type ScheduleDrift =
  /** An operator changed fields that code declares. */
  | { kind: "edited"; name: string; fields: FieldDrift[] }
  /** A declaration has the name of a schedule that an operator made. */
  | { kind: "name-taken"; name: string }
  /** Code no longer declares the schedule. The schedule ticks until somebody disables or deletes the schedule. */
  | { kind: "undeclared"; name: string }
  /** Code declares a new schedule that has no further tick. The schedule was not created. */
  | { kind: "no-future"; name: string };

/** What reconciling did, by names of schedules. */
export interface ReconcileReport {
  created: string[];
  updated: { name: string; fields: DeclaredField[] }[];
  /** The schedules whose fields were not changed, with or without drift. */
  unchanged: string[];
  drift: ScheduleDrift[];
  /** The declared expressions with steps that are not what they seem, such as every 7 hours, and what the steps do. */
  warnings: { name: string; warnings: readonly string[] }[];
}

/** The options of `reconcileSchedules`. */
export interface ReconcileOptions {
  /**
   * Who declares the schedules. With `audit`, a call that creates or changes schedules writes one row to the audit log,
   * with the old values, in its transaction. An undo of this row is refused: the next call would write the values
   * again.
   */
  audit?: AuditOptions;
}

const OPTION_FIELDS = fieldNames<ReconcileOptions>({ audit: true });

/**
 * Writes the schedules that code declares to the database, in one transaction, all or none:
 * - A declared schedule that does not exist is created.
 * - A field that still has the value that code wrote last gets the declared value.
 * - A schedule or a field that an operator made or changed stays, and the report lists the difference.
 * - No existing schedule is deleted, enabled or disabled.
 *
 * Throws:
 * - `InvalidScheduleError` (`INVALID_SCHEDULE`) for a payload that does not fit its task; nothing was written.
 * - `InvalidOptionError` (`INVALID_OPTION`) for a name that is declared twice; nothing was written.
 * - `NoAnswerError` (`ETIMEDOUT`) when the database gives no answer within 30 s; the commit may have happened.
 *
 * @example
 * const { created, drift } = await reconcileSchedules(pool, [nightlyReport]);
 */
export async function reconcileSchedules(
  pool: ConnectionPool,
  declarations: readonly ScheduleDeclaration[],
  options: ReconcileOptions = {},
): Promise<ReconcileReport> {
  checkFields("options", options, OPTION_FIELDS);
  const audit = options.audit === undefined ? null : checkAuditOptions(options.audit);
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
    const warnings = warningsOf(declarations);
    const report: ReconcileReport = { created: [], updated: [], unchanged: [], drift: [], warnings };
    const found = await lockDeclaredSchedules(db, [...byName.keys()]);
    const foundByName = new Map(found.map((schedule) => [schedule.name, schedule]));
    const now = await readNow(db);
    const before: AuditedState[] = [];
    for (const { fields } of declarations) {
      const schedule = foundByName.get(fields.name);
      if (schedule === undefined) await create({ db, now, report, before }, fields);
      else await update({ db, now, report, before }, fields, schedule);
    }
    const argument = { names: [...byName.keys()] };
    const change = { action: "schedules.reconcile", argument, changed: before.length, before };
    if (audit !== null) await recordCommand(db, audit, change);
    const undeclared = found.filter(({ name, formerly }) => formerly !== null && !byName.has(name));
    for (const { name } of undeclared) report.drift.push({ kind: "undeclared", name });
    return report;
  });
}

function warningsOf(declarations: readonly ScheduleDeclaration[]): ReconcileReport["warnings"] {
  return declarations
    .filter(({ warnings }) => warnings.length > 0)
    .map(({ fields: { name }, warnings }) => ({ name, warnings }));
}

interface Reconciling {
  db: Executor;
  now: Date;
  report: ReconcileReport;
  /** The changed schedules as they were, for the audit log. */
  before: AuditedState[];
}

type Declared = ScheduleDeclaration["fields"];

async function create({ db, now, report, before }: Reconciling, fields: Declared): Promise<void> {
  const { name } = fields;
  const first = findTick(timingOf(fields, { createdAt: now, runs: 0 }), now);
  // Not an error: after the end of a schedule's window, the code that declares the schedule must still start.
  if (first === null) {
    report.drift.push({ kind: "no-future", name });
    return;
  }
  const declared = JSON.stringify(declaredValues(fields));
  const nextRunAt = beginning(fields, { createdAt: now, first });
  const created = await insertSchedule(db, { ...fields, nextRunAt, createdAt: now, declared });
  // Another process created a schedule of this name after the read.
  if (created === null) report.drift.push({ kind: "name-taken", name });
  else {
    report.created.push(name);
    before.push(...auditedCreation(created).before);
  }
}

async function update(
  { db, now, report, before }: Reconciling,
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
  if (changed.length > 0) {
    report.updated.push({ name, fields: changed });
    before.push(...auditedChange(schedule, changed).before);
  } else report.unchanged.push(name);
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

/**
 * Returns the next tick after the changes:
 * - null when there is no further tick,
 * - `none` while the schedule is disabled,
 * - undefined when the next tick stays as it is.
 */
function retimed(
  schedule: DeclaredSchedule,
  { changes, changed, now }: { changes: Partial<ScheduleFields>; changed: DeclaredField[]; now: Date },
): Date | null | "none" | undefined {
  if (!TIMED_FIELDS.some((field) => changed.includes(field))) return undefined;
  if (!schedule.enabled) return "none";
  if (isFirstRun(schedule)) return undefined;
  try {
    const after = timingOf({ ...timedFields(schedule), ...changes }, schedule);
    return findTick(after, countFrom(schedule, after, now));
  } catch (error) {
    // Somebody wrote an invalid expression or zone by hand. The scheduler reports the error.
    if (error instanceof SchedulerError) return undefined;
    throw error;
  }
}
