/**
 * An SQL condition: some job missed its start, some job waits for the end of another, or the row of a wait is over.
 * Three index probes, and a look at a small table.
 *
 * The scalar queries with ORDER BY make PostgreSQL use the partial indexes. For `EXISTS`, PostgreSQL may read the whole
 * table, because it expects to find such a row soon, and mostly there is none.
 */
export const HAS_CHORES = `(
    (SELECT (w.settings ->> 'startBy')::bigint FROM millrace.waiting_jobs w WHERE (w.settings ->> 'startBy') IS NOT NULL
     ORDER BY (w.settings ->> 'startBy')::bigint LIMIT 1) <= (extract(epoch FROM now()) * 1000)::bigint
    OR (SELECT w.settings ->> 'after' FROM millrace.waiting_jobs w WHERE (w.settings ->> 'after') IS NOT NULL
        ORDER BY (w.settings ->> 'after') LIMIT 1) IS NOT NULL
    OR EXISTS (SELECT FROM millrace.job_waits w WHERE w.until < now()))`;
