/** Guarantees: reads nothing, and is answered by a living connection. Index: none. One row. */
export const PROBE = "SELECT 1";
