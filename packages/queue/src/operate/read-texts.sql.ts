import type { Executor } from "@millrace/base";
import { isOpen } from "../job/places.sql.ts";
import type { JobTexts } from "./job-texts.ts";

/** SQL for a JSON value as text; NULL if the text has more than $2 bytes. `OFFSET 0`: the text is written once. */
const short = (json: string) =>
  `(SELECT t.text FROM (SELECT (${json})::text AS text OFFSET 0) AS t WHERE octet_length(t.text) <= $2)`;

/** The job of a given id in a table. */
const jobOf = (table: "waiting_jobs" | "ended_jobs", output: string) => `
    SELECT job.* FROM given, LATERAL (
      SELECT j.id, j.payload, ${output} AS output, j.progress, j.settings
      FROM millrace.${table} j WHERE j.id = given.id LIMIT 1
    ) AS job`;

/**
 * Guarantees: reads only. Finds each job once, even if jobs move during the statement. Reads no large payload that had
 * more than $2 bytes when it was enqueued.
 * Index: the primary keys of waiting_jobs, ended_jobs and job_payloads, job by job. Reads the ids of all claims, and
 * unpacks the claims of the jobs.
 * No row: no job has one of these ids.
 */
const TEXTS = `
  WITH given AS MATERIALIZED (SELECT DISTINCT unnest($1::uuid[]) AS id), found AS MATERIALIZED (
    ${jobOf("waiting_jobs", "NULL::jsonb")}
    UNION ALL ${jobOf("ended_jobs", "j.output")}
    UNION ALL
    SELECT job.id, job.payload, NULL, job.progress, job.settings
    FROM millrace.claims c,
         LATERAL unnest(c.ids, c.payloads, c.progress, c.settings) WITH ORDINALITY
           AS job(id, payload, progress, settings, ordinal)
    WHERE c.ids && $1::uuid[] AND job.id = ANY($1::uuid[]) AND ${isOpen("job.ordinal")}
  )
  SELECT found.id,
         ${short(`coalesce(found.payload,
           (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = found.id AND p.bytes <= $2))`)} AS payload,
         ${short("found.output")} AS output, ${short("found.progress")} AS progress,
         coalesce(found.settings -> 'metadata', '{}')::text AS metadata
  FROM found`;

/** Returns the JSON of jobs as text, in any order. */
export async function readTexts(db: Executor, ids: readonly string[], bytesMax: number): Promise<JobTexts[]> {
  const { rows } = await db.query(TEXTS, [ids, bytesMax]);
  return rows as JobTexts[];
}
