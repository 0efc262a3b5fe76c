/** Guarantees: asks nothing but an answer. Index: none. One row. */
export const PROBE = "SELECT 1";
