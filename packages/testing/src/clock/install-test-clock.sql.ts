import { createHash } from "node:crypto";
import type pg from "pg";
import { CLOCK_SCHEMA } from "./clock-schema.ts";

/**
 * Guarantees: makes functions with the names of PostgreSQL's own, which add how far the clock was moved. A session sees
 * them if the schema stands before `pg_catalog` in its search path.
 * Index: none.
 * No row: never; `moved` has one row.
 *
 * `moved.by` has only seconds, no days: in a zone with summer time, a day of an interval may last 23 or 25 hours.
 */
const FUNCTIONS = `
  CREATE SCHEMA ${CLOCK_SCHEMA};
  CREATE TABLE ${CLOCK_SCHEMA}.moved (by interval NOT NULL);
  INSERT INTO ${CLOCK_SCHEMA}.moved VALUES ('0');
  CREATE FUNCTION ${CLOCK_SCHEMA}.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.now() + m.by FROM ${CLOCK_SCHEMA}.moved m';
  CREATE FUNCTION ${CLOCK_SCHEMA}.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.now() + m.by FROM ${CLOCK_SCHEMA}.moved m';
  CREATE FUNCTION ${CLOCK_SCHEMA}.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.statement_timestamp() + m.by FROM ${CLOCK_SCHEMA}.moved m';
  CREATE FUNCTION ${CLOCK_SCHEMA}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
    AS 'SELECT pg_catalog.clock_timestamp() + m.by FROM ${CLOCK_SCHEMA}.moved m';
  GRANT USAGE ON SCHEMA ${CLOCK_SCHEMA} TO PUBLIC;
  GRANT SELECT, UPDATE ON ${CLOCK_SCHEMA}.moved TO PUBLIC`;

/**
 * Guarantees: lets the defaults of columns, and functions with a search path of their own, use the test clock. Both
 * were bound to PostgreSQL's functions before the test clock was there. Leaves out the functions of extensions.
 * Index: none.
 * No row: never.
 */
const REBIND = `
  DO $$
  DECLARE
    bound record;
  BEGIN
    CREATE TEMPORARY TABLE millrace_bound ON COMMIT DROP AS SELECT '' AS change WHERE false;
    PERFORM set_config('search_path', 'pg_catalog', true);
    INSERT INTO pg_temp.millrace_bound
      SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', d.adrelid::regclass, a.attname,
                    replace(pg_get_expr(d.adbin, d.adrelid), 'CURRENT_TIMESTAMP', 'now()'))
      FROM pg_attrdef d
      JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = ''
      JOIN pg_class c ON c.oid = d.adrelid AND c.relkind IN ('r', 'p')
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', '${CLOCK_SCHEMA}')
        AND n.nspname NOT LIKE 'pg_temp%'
        AND pg_get_expr(d.adbin, d.adrelid)
            ~ '\\m(now|transaction_timestamp|statement_timestamp|clock_timestamp)\\(\\)|\\mCURRENT_TIMESTAMP\\M';
    INSERT INTO pg_temp.millrace_bound
      SELECT format('ALTER ROUTINE %s SET search_path = %s', p.oid::regprocedure,
                    CASE WHEN path.text ~ '\\mpg_catalog\\M'
                         THEN regexp_replace(path.text, '"?\\mpg_catalog\\M"?', '${CLOCK_SCHEMA}, pg_catalog')
                         ELSE concat_ws(', ', nullif(path.text, '""'), '${CLOCK_SCHEMA}', 'pg_catalog') END)
      FROM pg_proc p
      JOIN pg_namespace n ON n.oid = p.pronamespace
      CROSS JOIN LATERAL (SELECT substr(setting, 13) AS text FROM unnest(p.proconfig) AS setting
                          WHERE starts_with(setting, 'search_path=')) AS path
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e');
    PERFORM set_config('search_path', '${CLOCK_SCHEMA}, pg_catalog', true);
    FOR bound IN SELECT change FROM pg_temp.millrace_bound LOOP
      EXECUTE bound.change;
    END LOOP;
  END
  $$`;

/** Changes whenever the test clock does, for the name of the template database. */
export const CLOCK_VERSION = createHash("sha256").update(FUNCTIONS).update(REBIND).digest("hex").slice(0, 16);

/** Makes a database's clock movable. Only for a database that this package created. */
export async function installTestClock(client: pg.Client): Promise<void> {
  await client.query("BEGIN");
  await client.query(FUNCTIONS);
  await client.query(REBIND);
  await client.query("COMMIT");
}
