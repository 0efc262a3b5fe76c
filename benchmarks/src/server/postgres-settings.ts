/**
 * The settings of the one PostgreSQL that every peer runs on. Every setting that keeps jobs safe is on. The WAL and
 * checkpoint settings keep checkpoints out of the runs.
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

/** Lets a case count statements. Every database loads the extension, but only that case's databases switch it on. */
export const STATEMENT_COUNTING = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "none",
} as const;
