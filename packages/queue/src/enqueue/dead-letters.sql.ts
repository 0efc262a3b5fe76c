import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import { LISTEN_CHANNEL } from "../wake/notice.ts";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_QUEUE } from "./new-job.ts";

/** Which jobs a statement ends, for `deadLetters`. */
export interface EndingJobs {
  /** A relation with a job's columns, `error`, and `next_state`: only the jobs that fail get a dead letter. */
  relation: string;
  /** SQL for the attempts that an ended job has, in which `r` is the relation's row. */
  attempts: string;
}

/** The names of a dead letter's task and queue. */
const TYPE = "named.letter ->> 'type'";
const QUEUE = `coalesce(named.letter ->> 'queue', '${DEFAULT_QUEUE}')`;

/** SQL for the fields of a dead letter's payload besides the job's own payload. */
const facts = (attempts: string) => `jsonb_build_object(
             'jobId', r.id, 'type', r.type, 'queue', r.queue, 'error', r.error, 'attempts', ${attempts},
             'failedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** SQL for the settings of a dead letter: its runs are linked to the trace of the job that failed. */
const SETTINGS = `'{"deadLetter": null}'::jsonb || CASE WHEN r.settings ? 'traceparent' THEN jsonb_strip_nulls(
             jsonb_build_object('traceparent', r.settings -> 'traceparent', 'tracestate', r.settings -> 'tracestate',
               'traceLinkOnly', true)) ELSE '{}' END`;

/** SQL for the fields in place of a payload that does not fit. */
const LEFT_OUT = `jsonb_build_object('payload', NULL, 'note', format(
               'The payload of the job is left out: with it, this payload would have %s bytes, and %s are allowed.',
               octet_length(whole::text), ${PAYLOAD_BYTES_MAX}))`;

/**
 * Guarantees: each job that fails and has a dead letter enqueues one, in the statement that ends the job. The job's own
 * settings name the dead letter, else those of its queue. A dead letter itself has no dead letter, whatever its queue's
 * settings are. Workers that sleep when the statement commits are notified.
 * Index: the primary keys of job_queues and job_payloads, only for the jobs that fail.
 * No row: always. These CTEs return no rows.
 *
 * - If no queue names a dead letter, job_queues is read once for the whole statement.
 * - The view `jobs` enqueues: to insert into both tables of a queued job would make each plan of the statement dearer,
 *   and most jobs have no dead letter.
 * - SQL may have put any JSON into the settings. A dead letter whose type or queue cannot be stored is left out: it
 *   would make the statement fail each time, so that its job, and the jobs beside it, could never end.
 */
export function deadLetters({ relation, attempts }: EndingJobs): string {
  return `mourned AS MATERIALIZED (
    SELECT ${TYPE} AS type, ${QUEUE} AS queue, ${facts(attempts)} AS facts, ${SETTINGS} AS settings,
           coalesce(r.payload, (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = r.id)) AS payload
    FROM ${relation} AS r, LATERAL (
      SELECT CASE WHEN r.settings ? 'deadLetter' THEN r.settings -> 'deadLetter'
                  WHEN (SELECT EXISTS (SELECT FROM millrace.job_queues q WHERE q.settings ? 'deadLetter'))
                  THEN (SELECT q.settings -> 'deadLetter' FROM millrace.job_queues q WHERE q.name = r.queue)
             END AS letter
    ) AS named
    WHERE r.next_state = 'failed' AND char_length(${TYPE}) BETWEEN 1 AND 100 AND char_length(${QUEUE}) BETWEEN 1 AND 100
  ), letters AS (
    INSERT INTO millrace.jobs (queue, type, payload, max_attempts, settings)
    SELECT queue, type,
           CASE WHEN octet_length(whole::text) <= ${PAYLOAD_BYTES_MAX} THEN whole ELSE facts || ${LEFT_OUT} END,
           ${DEFAULT_MAX_ATTEMPTS}, settings
    FROM mourned, LATERAL (SELECT facts || jsonb_build_object('payload', payload) AS whole) AS told
    RETURNING pg_notify('${LISTEN_CHANNEL}', priority || ':' || queue)
  )`;
}
