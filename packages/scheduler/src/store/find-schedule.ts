import { isUuid } from "@millrace/base";
import type { Executor } from "@millrace/queue";
import type { Schedule } from "../domain/schedule.ts";
import { rowToSchedule, SCHEDULE_COLUMNS } from "./schedule-columns.ts";

const SELECT = `SELECT ${SCHEDULE_COLUMNS}, s.xmin::text AS version, s.payload::text AS payload_text
  FROM millrace.job_schedules AS s`;

const SELECT_WITHOUT_JSON = `SELECT ${SCHEDULE_COLUMNS} FROM millrace.schedule_entries AS s`;

const named = (nameOrId: string) => (isUuid(nameOrId) ? "s.id = $1::uuid" : "s.name = $1");

/** A schedule as it was read, with the version of its row. */
export interface VersionedSchedule {
  schedule: Schedule;
  /**
   * The id of the transaction that wrote the row last. A write by another transaction changes the version; a lock does
   * not.
   */
  version: string;
  /** The payload as PostgreSQL writes it: no number is rounded. */
  payloadText: string;
}

/**
 * Reads one schedule by name or id.
 * Guarantees: reads only.
 * Index: job_schedules_name_key or the primary key.
 * No row: no such schedule exists.
 */
export async function findSchedule(db: Executor, nameOrId: string): Promise<VersionedSchedule | null> {
  const { rows } = await db.query(`${SELECT} WHERE ${named(nameOrId)}`, [nameOrId]);
  const [row] = rows as { version: string; payload_text: string }[];
  if (row === undefined) return null;
  return { schedule: rowToSchedule(row), version: row.version, payloadText: row.payload_text };
}

/**
 * Reads one schedule by name or id, without its payload.
 * Guarantees: reads only.
 * Index: job_schedules_name_key or the primary key.
 * No row: no such schedule exists.
 */
export async function findScheduleWithoutJson(db: Executor, nameOrId: string): Promise<Schedule | null> {
  const { rows } = await db.query(`${SELECT_WITHOUT_JSON} WHERE ${named(nameOrId)}`, [nameOrId]);
  return rows.length === 0 ? null : rowToSchedule(rows[0]);
}
