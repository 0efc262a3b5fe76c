/**
 * The SQL condition under which a row `k` of `job_keys` has expired. A key of the scope `queued` has expired while its
 * job is not in `waiting_jobs`. A key without a scope never expires: the deletion of its job deletes the key.
 */
export const KEY_EXPIRED = `(
    (k.scope = 'queued' AND NOT EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = k.job_id))
    OR (k.scope = 'active' AND EXISTS (SELECT FROM millrace.ended_jobs e WHERE e.id = k.job_id))
    OR (k.scope = 'period' AND k.until <= now()))`;
