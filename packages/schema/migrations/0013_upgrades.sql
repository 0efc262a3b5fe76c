ALTER TABLE "millrace"."workers" ADD COLUMN "schema" integer;
--> statement-breakpoint
-- The schema of the oldest release that may work on this database: how many migrations that release has at least. A
-- migration that older workers cannot live with replaces this function; migration-rules.ts has the same number, and says
-- why. A worker of an older release reads it, and does not work on a database that is too new for it.
CREATE FUNCTION "millrace"."least_schema"() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 10
$$;
