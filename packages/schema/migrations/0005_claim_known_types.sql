-- Written by hand around what drizzle-kit generated: building an index keeps enqueues and claims out until it is done. A
-- table of up to 256 MB (a million jobs) takes about a second. For a larger one, the index is built beforehand beside
-- the work, and the migration only takes it over; without that it refuses, and nothing is changed.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_index AS i
             WHERE i.indexrelid = pg_catalog.to_regclass('millrace.jobs_claimable_by_type_idx') AND NOT i.indisvalid) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'the index millrace.jobs_claimable_by_type_idx is not built to its end',
      HINT = 'Wait for its CREATE INDEX CONCURRENTLY; if that has failed, drop the index and build it again.';
  ELSIF pg_catalog.to_regclass('millrace.jobs_claimable_by_type_idx') IS NULL
    AND pg_catalog.pg_relation_size('millrace.jobs') > 256 * 1024 * 1024 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'millrace.jobs is larger than 256 MB, and building its claim index would stop enqueues and claims for long; '
        || 'first run: CREATE INDEX CONCURRENTLY jobs_claimable_by_type_idx ON millrace.jobs '
        || '(queue, priority, run_at, id, type) WHERE state = ''queued''; then migrate again';
  END IF;
END
$$;
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "jobs_claimable_by_type_idx" ON "millrace"."jobs" USING btree ("queue","priority","run_at","id","type") WHERE state = 'queued';--> statement-breakpoint
DROP INDEX "millrace"."jobs_claimable_idx";--> statement-breakpoint
ALTER INDEX "millrace"."jobs_claimable_by_type_idx" RENAME TO "jobs_claimable_idx";
