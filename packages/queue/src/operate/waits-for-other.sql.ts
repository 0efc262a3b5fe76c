import { ID_TEXT, isOpen } from "../job/places.sql.ts";

const AFTER = "(j.settings ->> 'after')";

/**
 * An SQL condition: the job `j` waits for the end of another job of its key, and that job has not ended. For a job that
 * waits for none, it reads only the job's settings.
 */
export const WAITS_FOR_OTHER = `CASE WHEN ${AFTER} ~ '${ID_TEXT}' THEN
      EXISTS (SELECT FROM millrace.waiting_jobs other WHERE other.id = ${AFTER}::uuid)
      OR EXISTS (SELECT FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
                 WHERE ${AFTER}::uuid = ANY(c.ids) AND job.id = ${AFTER}::uuid AND ${isOpen("job.ordinal")})
      ELSE false END`;

/** SQL for the id of the job that the job `j` waits for; NULL when it waits for none. */
export const WAITS_FOR = `CASE WHEN ${WAITS_FOR_OTHER} THEN ${AFTER} END`;

/**
 * SQL for the settings of a job that a person wants to run now: without the job that it waited for, and without
 * `startBy` if that instant has passed, or if the condition `begun` holds. Otherwise the job would be canceled again.
 */
export const settingsToRunNow = (
  settings: string,
  begun = "false",
) => `CASE WHEN ${settings} IS NOT NULL THEN nullif(
      ${settings} - 'after'
      - CASE WHEN ${begun} OR (${settings} ->> 'startBy')::float8 <= extract(epoch FROM now()) * 1000
             THEN 'startBy' ELSE '' END, '{}') END`;
