import type { Executor } from "@millrace/base";

/** How the database is doing, besides its queues. */
export interface ServerState {
  /** How many workers were seen in the last 30 s. */
  readonly livingWorkers: number;
  /**
   * For how long the oldest transaction has been open that keeps PostgreSQL from removing dead rows, in s; 0 for none.
   * Sessions of other roles count only if this role may see them, as a member of `pg_read_all_stats`.
   */
  readonly oldestSnapshotSeconds: number;
  /** The dead rows of each table of the schema, by the server's estimate. */
  readonly deadRows: ReadonlyMap<string, number>;
}

/**
 * Guarantees: reads only.
 * Index: none; reads all rows of workers, the sessions and prepared transactions of the server, and the statistics of
 * the schema's tables.
 * No row: never.
 *
 * Only a transaction that has written, or has a snapshot, keeps dead rows.
 */
const STATE = `
  SELECT (SELECT count(*) FROM millrace.workers w WHERE w.seen_at > now() - interval '30 seconds')::float8
           AS "livingWorkers",
         coalesce((
           SELECT max(extract(epoch FROM clock_timestamp() - held.since)) FROM (
             SELECT a.xact_start AS since FROM pg_stat_activity a
             WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
               AND coalesce(a.backend_xmin, a.backend_xid) IS NOT NULL
             UNION ALL
             SELECT p.prepared FROM pg_prepared_xacts p WHERE p.database = current_database()
           ) AS held), 0)::float8 AS "oldestSnapshotSeconds",
         (SELECT jsonb_object_agg(s.relname, s.n_dead_tup) FROM pg_stat_all_tables s WHERE s.schemaname = 'millrace')
           AS "deadRows"`;

interface Row {
  livingWorkers: number;
  oldestSnapshotSeconds: number;
  deadRows: Record<string, number> | null;
}

/** Reads how the database is doing. */
export async function readServerState(db: Executor): Promise<ServerState> {
  const { rows } = await db.query(STATE);
  const [row] = rows as Row[];
  if (row === undefined) throw new TypeError("the statement has one row, and PostgreSQL returned none");
  return { ...row, deadRows: new Map(Object.entries(row.deadRows ?? {})) };
}
