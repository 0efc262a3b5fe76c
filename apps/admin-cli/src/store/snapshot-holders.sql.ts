import type { Pool } from "pg";

/** Something that keeps vacuum from removing dead rows. */
export interface SnapshotHolder {
  readonly kind: "session" | "prepared transaction" | "replication slot" | "standby";
  /** The process id, the transaction's id, or the slot's name. */
  readonly name: string;
  readonly user: string | null;
  readonly application: string | null;
  /** The state of a session: `active`, `idle in transaction`. */
  readonly state: string | null;
  /** For how long, in ms; null for a slot and a standby. */
  readonly heldMs: number | null;
  /** How many transactions have begun since; null for a session without a snapshot. */
  readonly transactions: number | null;
}

/**
 * Guarantees: reads only. Sessions of other roles are left out if this role may not see them.
 * Index: none.
 * No row: nothing has held a snapshot, or a transaction open, for $1 ms.
 */
const HOLDERS = `
  SELECT 'session' AS kind, a.pid::text AS name, a.usename::text AS "user", a.application_name AS application, a.state,
         (extract(epoch FROM now() - a.xact_start) * 1000)::float8 AS "heldMs",
         age(a.backend_xmin)::float8 AS transactions
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    AND a.xact_start < now() - $1 * interval '1 ms'
    AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL OR a.state LIKE 'idle in transaction%')
  UNION ALL
  SELECT 'prepared transaction', p.gid, p.owner::text, NULL, NULL,
         (extract(epoch FROM now() - p.prepared) * 1000)::float8, age(p.transaction)::float8
  FROM pg_prepared_xacts p WHERE p.database = current_database() AND p.prepared < now() - $1 * interval '1 ms'
  UNION ALL
  SELECT 'replication slot', s.slot_name::text, NULL, NULL, CASE WHEN s.active THEN 'active' ELSE 'inactive' END, NULL,
         age(s.xmin)::float8
  FROM pg_replication_slots s WHERE age(s.xmin) > $2
  UNION ALL
  SELECT 'standby', r.pid::text, r.usename::text, r.application_name, r.state, NULL, age(r.backend_xmin)::float8
  FROM pg_stat_replication r WHERE age(r.backend_xmin) > $2
  ORDER BY 6 DESC NULLS LAST, 7 DESC NULLS LAST`;

/**
 * Returns what has held a snapshot for at least `heldMs`, and slots and standbys that are so many transactions behind,
 * the longest first.
 */
export async function snapshotHolders(
  pool: Pool,
  { heldMs, transactions }: { heldMs: number; transactions: number },
): Promise<SnapshotHolder[]> {
  const { rows } = await pool.query<SnapshotHolder>(HOLDERS, [heldMs, transactions]);
  return rows;
}
