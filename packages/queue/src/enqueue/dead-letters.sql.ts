import { LARGE_PAYLOAD_BYTES } from "./insert-jobs.sql.ts";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_QUEUE, PAYLOAD_MAX_BYTES } from "./new-job.ts";

/** Which jobs a statement ends, for `deadLetters`. */
export interface EndingJobs {
  /** A relation with a job's columns, `error`, and `next_state`: only the jobs that fail get a dead letter. */
  relation: string;
  /** SQL for the attempts that an ended job has, in which `r` is the relation's row. */
  attempts: string;
}

/**
 * Guarantees: each job that fails and has a dead letter enqueues one, in the statement that ends the job. The job's own
 * settings decide, else those of its queue. A dead letter has none itself, whatever its queue is set to.
 * Index: the primary keys of job_queues and job_payloads, for the jobs that fail alone.
 * No row: no job fails, or none that fails has a dead letter.
 *
 * These are CTEs. `letters` has queue, priority and run_at of the enqueued jobs.
 *
 * SQL may have put any JSON into the settings. A dead letter whose type or queue cannot be stored is left out: it would
 * make the statement fail each time, so that its job, and the jobs beside it, could never end.
 */
export function deadLetters({ relation, attempts }: EndingJobs): string {
  return `mourned AS MATERIALIZED (
    SELECT named.letter ->> 'type' AS type, coalesce(named.letter ->> 'queue', '${DEFAULT_QUEUE}') AS queue,
           jsonb_build_object(
             'jobId', r.id, 'type', r.type, 'queue', r.queue, 'error', r.error, 'attempts', ${attempts},
             'failedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS facts,
           coalesce(r.payload, (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = r.id)) AS payload
    FROM ${relation} AS r LEFT JOIN millrace.job_queues AS q ON q.name = r.queue, LATERAL (
      SELECT CASE WHEN r.settings ? 'deadLetter' THEN r.settings -> 'deadLetter'
                  ELSE q.settings -> 'deadLetter' END AS letter
    ) AS named
    WHERE r.next_state = 'failed' AND char_length(named.letter ->> 'type') BETWEEN 1 AND 100
      AND char_length(coalesce(named.letter ->> 'queue', '${DEFAULT_QUEUE}')) BETWEEN 1 AND 100
  ), measured AS MATERIALIZED (
    SELECT type, queue, facts, payload,
           octet_length((facts || jsonb_build_object('payload', payload))::text) AS bytes
    FROM mourned
  ), written AS MATERIALIZED (
    SELECT millrace.uuid_v7() AS id, type, queue, facts || CASE
             WHEN bytes <= ${PAYLOAD_MAX_BYTES} THEN jsonb_build_object('payload', payload)
             ELSE jsonb_build_object('payload', NULL, 'note', format(
               'The payload of the job is left out: with it, this payload would have %s bytes, and %s are the most.',
               bytes, ${PAYLOAD_MAX_BYTES})) END AS payload
    FROM measured
  ), large_letters AS (
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    SELECT id, payload, octet_length(payload::text) FROM written
    WHERE octet_length(payload::text) > ${LARGE_PAYLOAD_BYTES}
  ), letters AS (
    INSERT INTO millrace.waiting_jobs (id, queue, type, payload, max_attempts, settings)
    SELECT id, queue, type, CASE WHEN octet_length(payload::text) <= ${LARGE_PAYLOAD_BYTES} THEN payload END,
           ${DEFAULT_MAX_ATTEMPTS}, '{"deadLetter": null}'
    FROM written
    RETURNING queue, priority, run_at
  )`;
}
