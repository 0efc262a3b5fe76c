/**
 * The settings of the one PostgreSQL that every peer runs on. Everything that a job's safety rests on is on; the rest
 * keeps a run from being interrupted by a checkpoint.
 */
export const POSTGRES_SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "30min",
  max_connections: "200",
} as const;

/** Lets a case count statements: loaded for all, and idle but in the databases of that case. */
export const STATEMENT_COUNTING = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "none",
} as const;
