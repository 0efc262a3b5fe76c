/**
 * Guarantees: one row with one boolean, from the session's own server, whatever pooler stands before it: false on a
 * standby, and where transactions are read-only by default. Reads no table.
 * Index: none.
 * No row: never.
 */
export const TAKES_WRITES = `
  SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS "takesWrites"`;
