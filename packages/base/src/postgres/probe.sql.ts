/**
 * Guarantees: reads no table. Only a connection that is alive answers.
 * Index: none.
 * No row: never.
 */
export const PROBE = "SELECT 1";
