/** How long a statement that may not wait for a locked row waits for it nonetheless, in ms: most locks are shorter. */
const BRIEFLY_MS = 100;

/**
 * A CTE `policy` of one row, to be joined by what comes before the first lock: it bounds how long this statement waits
 * for any, and a wait that is longer fails the statement with `lock_not_available`. Only for a statement that is a
 * transaction of its own: the bound would stay for the rest of the caller's.
 */
export const WAIT_BRIEFLY = `policy AS MATERIALIZED (
    SELECT set_config('lock_timeout', '${BRIEFLY_MS}ms', true)
  )`;

/** The same where a statement waits as long as it takes. */
export const WAIT = "policy AS MATERIALIZED (SELECT NULL)";
