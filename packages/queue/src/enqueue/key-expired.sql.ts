/**
 * The SQL condition that the scope of a key `k` of `job_keys` is over. A key of the scope `queued` is its job's until
 * the job is claimed, wherever the job is later. A key without a scope goes with its job.
 */
export const KEY_EXPIRED = `(
    (k.scope = 'queued' AND NOT EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = k.job_id))
    OR (k.scope = 'active' AND EXISTS (SELECT FROM millrace.ended_jobs e WHERE e.id = k.job_id))
    OR (k.scope = 'period' AND k.until <= now()))`;
