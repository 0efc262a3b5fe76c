import type { Pool } from "pg";

/** What the doctor knows of the server. */
export interface ServerFacts {
  /** The settings of this session by their names, in their base units. Settings that the server lacks are left out. */
  readonly settings: Readonly<Record<string, string>>;
  /** The settings of roles and databases that hold for new sessions of this database. */
  readonly roleSettings: readonly RoleSetting[];
  readonly isStandby: boolean;
  /** How many sessions of clients the server has, in all databases. */
  readonly sessions: number;
  /** Whether this role sees what other roles do. */
  readonly seesOthers: boolean;
}

/** A setting that a role gets in a database. */
export interface RoleSetting {
  /** Null: every role. */
  readonly role: string | null;
  readonly name: string;
  /** As it was written: `5s`, for instance. */
  readonly value: string;
}

/** The settings that the doctor judges. */
const SETTINGS = [
  "fsync",
  "full_page_writes",
  "synchronous_commit",
  "autovacuum",
  "track_counts",
  "statement_timeout",
  "transaction_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "max_connections",
  "superuser_reserved_connections",
  "reserved_connections",
];

/**
 * Guarantees: reads only.
 * Index: none.
 * No row: never.
 */
const SERVER = `
  SELECT (SELECT jsonb_object_agg(s.name, s.setting) FROM pg_settings s WHERE s.name = ANY($1)) AS settings,
         pg_is_in_recovery() AS "isStandby",
         (SELECT count(*)::int FROM pg_stat_activity a WHERE a.backend_type = 'client backend') AS sessions,
         pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "seesOthers"`;

/**
 * Guarantees: reads only.
 * Index: none; reads all settings of roles.
 * No row: no role has a setting in this database.
 */
const ROLE_SETTINGS = `
  SELECT r.rolname AS role, split_part(setting, '=', 1) AS name, substr(setting, strpos(setting, '=') + 1) AS value
  FROM pg_db_role_setting s
  LEFT JOIN pg_roles r ON r.oid = s.setrole
  CROSS JOIN LATERAL unnest(s.setconfig) AS setting
  WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND split_part(setting, '=', 1) = ANY($1)
  ORDER BY 1 NULLS FIRST, 2`;

/** Reads what the doctor must know of the server. */
export async function readServerFacts(pool: Pool): Promise<ServerFacts> {
  const { rows } = await pool.query<Omit<ServerFacts, "roleSettings">>(SERVER, [SETTINGS]);
  const roleSettings = await pool.query<RoleSetting>(ROLE_SETTINGS, [SETTINGS]);
  const [server] = rows;
  if (server === undefined) throw new Error("the server told nothing of itself");
  return { ...server, roleSettings: roleSettings.rows };
}
