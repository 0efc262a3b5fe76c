-- Written by hand around what drizzle-kit generates: the views are replaced, not dropped, so that their triggers and grants
-- stay; functions follow at the end. A worker of the release before would drop a job's settings when it claims the job.
DO $$
DECLARE
  living text := (SELECT string_agg(w.worker_id, ', ' ORDER BY w.worker_id) FROM millrace.workers AS w
                  WHERE w.seen_at > now() - interval '30 seconds');
BEGIN
  IF living IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'workers of the release before are running (' || living || '), and would lose what this '
        || 'migration lets jobs have; stop them, which gives their jobs back, and migrate again once they have stopped';
  END IF;
END
$$;
--> statement-breakpoint
CREATE TABLE "millrace"."audit_log" (
	"id" uuid PRIMARY KEY DEFAULT millrace.uuid_v7() NOT NULL,
	"command_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"who" varchar(200) NOT NULL,
	"via" varchar(200) NOT NULL,
	"action" varchar(50) NOT NULL,
	"filter" jsonb,
	"changed" integer NOT NULL,
	"before" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "millrace"."job_waits" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ALTER COLUMN "max_attempts" SET DEFAULT 10;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ALTER COLUMN "cron_expr" DROP NOT NULL;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "every_ms" bigint;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "anchor" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "max_runs" integer;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "runs" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD CONSTRAINT "job_schedules_cadence_check" CHECK ((cron_expr IS NULL) <> (every_ms IS NULL) AND (anchor IS NULL OR every_ms IS NOT NULL));
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD CONSTRAINT "job_schedules_every_check" CHECK (every_ms BETWEEN 1000 AND 3155760000000);
--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD CONSTRAINT "job_schedules_runs_check" CHECK (max_runs >= 1 AND runs >= 0);
--> statement-breakpoint
ALTER TABLE "millrace"."waiting_jobs" ALTER COLUMN "max_attempts" SET DEFAULT 10;
--> statement-breakpoint
ALTER TABLE "millrace"."claims" ADD COLUMN "settings" jsonb[];
--> statement-breakpoint
ALTER TABLE "millrace"."ended_jobs" ADD COLUMN "settings" jsonb;
--> statement-breakpoint
ALTER TABLE "millrace"."job_queues" ADD COLUMN "settings" jsonb;
--> statement-breakpoint
ALTER TABLE "millrace"."waiting_jobs" ADD COLUMN "settings" jsonb;
--> statement-breakpoint
CREATE INDEX "audit_log_command_idx" ON "millrace"."audit_log" USING btree ("command_id");
--> statement-breakpoint
CREATE INDEX "ended_jobs_tags_idx" ON "millrace"."ended_jobs" USING gin ((settings -> 'tags') jsonb_path_ops) WHERE (settings -> 'tags') IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "waiting_jobs_tags_idx" ON "millrace"."waiting_jobs" USING gin ((settings -> 'tags') jsonb_path_ops) WHERE (settings -> 'tags') IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "waiting_jobs_start_by_idx" ON "millrace"."waiting_jobs" USING btree (((settings ->> 'startBy')::bigint)) WHERE (settings ->> 'startBy') IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "waiting_jobs_after_idx" ON "millrace"."waiting_jobs" USING btree ((settings ->> 'after')) WHERE (settings ->> 'after') IS NOT NULL;
--> statement-breakpoint
CREATE OR REPLACE VIEW "millrace"."running_jobs" AS (
SELECT job.id, c.queue, job.type::varchar(100) AS type, coalesce(job.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = job.id)) AS payload, 'running'::varchar(20) AS state,
       c.priority, job.run_at, c.lease_until, c.lease_token, c.worker_id, job.attempts, job.max_attempts, job.crashes,
       job.last_error, c.begun_at AS last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = job.idempotency_key AND k.job_id = job.id)
         AS idempotency_key,
       (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = job.schedule_id) AS schedule_id, job.created_at, c.updated_at, NULL::timestamptz AS completed_at,
       NULL::timestamptz AS canceled_at,
       (SELECT r.requested_at FROM "millrace"."cancel_requests" r WHERE r.job_id = job.id) AS cancel_requested_at, job.progress,
       NULL::jsonb AS output, c.ids AS claim_ids, job.settings, job.settings -> 'tags' AS tags, job.settings -> 'metadata' AS metadata,
       to_timestamp((job.settings ->> 'startBy')::float8 / 1000) AS start_by,
       to_timestamp((job.settings ->> 'tickAt')::float8 / 1000) AS tick_at
FROM "millrace"."claims" c,
     LATERAL unnest(c.ids, c.types, c.payloads, c.run_ats, c.created_ats, c.attempts, c.max_attempts, c.crashes,
                    c.last_errors, c.idempotency_keys, c.schedule_ids, c.progress, c.settings)
       WITH ORDINALITY AS job(id, type, payload, run_at, created_at, attempts, max_attempts, crashes,
                              last_error, idempotency_key, schedule_id, progress, settings, place)
WHERE c.open IS NULL OR job.place = ANY(c.open));
--> statement-breakpoint
CREATE OR REPLACE VIEW "millrace"."jobs" AS (
SELECT w.id, w.queue, w.type, coalesce(w.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = w.id)) AS payload, 'queued'::varchar(20) AS state, w.priority, w.run_at,
       NULL::timestamptz AS lease_until, w.lease_token, w.worker_id, w.attempts, w.max_attempts, w.crashes,
       w.last_error, w.last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = w.idempotency_key AND k.job_id = w.id)
         AS idempotency_key, (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = w.schedule_id) AS schedule_id, w.created_at, w.updated_at,
       NULL::timestamptz AS completed_at, NULL::timestamptz AS canceled_at, NULL::timestamptz AS cancel_requested_at,
       w.progress, NULL::jsonb AS output, w.settings, w.settings -> 'tags' AS tags, w.settings -> 'metadata' AS metadata,
       to_timestamp((w.settings ->> 'startBy')::float8 / 1000) AS start_by,
       to_timestamp((w.settings ->> 'tickAt')::float8 / 1000) AS tick_at
FROM "millrace"."waiting_jobs" w
UNION ALL
SELECT r.id, r.queue, r.type, r.payload, r.state, r.priority, r.run_at, r.lease_until, r.lease_token, r.worker_id,
       r.attempts, r.max_attempts, r.crashes, r.last_error, r.last_run_at, r.idempotency_key, r.schedule_id,
       r.created_at, r.updated_at, r.completed_at, r.canceled_at, r.cancel_requested_at, r.progress, r.output, r.settings,
       r.tags, r.metadata, r.start_by, r.tick_at
FROM "millrace"."running_jobs" r
UNION ALL
SELECT e.id, e.queue, e.type, coalesce(e.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = e.id)) AS payload, e.state, e.priority, e.run_at, NULL, e.lease_token, e.worker_id,
       e.attempts, e.max_attempts, e.crashes, e.last_error, e.last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = e.idempotency_key AND k.job_id = e.id)
         AS idempotency_key, (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = e.schedule_id) AS schedule_id,
       e.created_at, e.ended_at, CASE WHEN e.state = 'completed' THEN e.ended_at END,
       CASE WHEN e.state = 'canceled' THEN e.ended_at END, NULL, e.progress, e.output, e.settings, e.settings -> 'tags' AS tags, e.settings -> 'metadata' AS metadata,
       to_timestamp((e.settings ->> 'startBy')::float8 / 1000) AS start_by,
       to_timestamp((e.settings ->> 'tickAt')::float8 / 1000) AS tick_at
FROM "millrace"."ended_jobs" e);
--> statement-breakpoint
-- The trigger gives a job its id, so that it can tell a given id, which may be taken.
ALTER VIEW "millrace"."jobs" ALTER COLUMN "id" DROP DEFAULT;
--> statement-breakpoint
-- NULL means the default, as before. Tags, metadata and instants are columns of the view, and one column of the tables.
CREATE OR REPLACE FUNCTION "millrace"."insert_job"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(NEW.state, 'queued') <> 'queued' OR NEW.lease_until IS NOT NULL OR NEW.output IS NOT NULL
    OR coalesce(NEW.lease_token, 0) <> 0 OR coalesce(NEW.attempts, 0) <> 0 OR coalesce(NEW.crashes, 0) <> 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.jobs: only queued jobs that never ran can be inserted.',
      HINT = 'Nothing was enqueued. Leave state, lease_until, lease_token, attempts, crashes and output out.';
  END IF;
  -- A job is in one place at a time. The primary key of waiting_jobs knows only the queued jobs.
  IF NEW.id IS NOT NULL AND (EXISTS (SELECT FROM millrace.ended_jobs AS e WHERE e.id = NEW.id)
    OR EXISTS (SELECT FROM millrace.claims AS c WHERE NEW.id = ANY(c.ids))) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = format('millrace.jobs: there is a job with the id %s.', NEW.id),
      HINT = 'Nothing was enqueued. Leave the id out: each job gets one.';
  END IF;
  NEW.id := coalesce(NEW.id, millrace.uuid_v7());
  NEW.state := 'queued';
  NEW.queue := coalesce(NEW.queue, 'default');
  NEW.payload := coalesce(NEW.payload, '{}');
  NEW.priority := coalesce(NEW.priority, 0);
  NEW.run_at := coalesce(NEW.run_at, now());
  NEW.lease_token := coalesce(NEW.lease_token, 0);
  NEW.attempts := coalesce(NEW.attempts, 0);
  NEW.max_attempts := coalesce(NEW.max_attempts, 10);
  NEW.crashes := coalesce(NEW.crashes, 0);
  NEW.created_at := coalesce(NEW.created_at, now());
  NEW.updated_at := coalesce(NEW.updated_at, now());
  NEW.settings := nullif(coalesce(NEW.settings, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'tags', NEW.tags, 'metadata', NEW.metadata,
    'startBy', (extract(epoch FROM NEW.start_by) * 1000)::bigint,
    'tickAt', (extract(epoch FROM NEW.tick_at) * 1000)::bigint)), '{}');
  IF NEW.idempotency_key IS NOT NULL THEN
    INSERT INTO millrace.job_keys (key, job_id) VALUES (NEW.idempotency_key, NEW.id);
  END IF;
  IF octet_length(NEW.payload::text) > 2000 THEN
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    VALUES (NEW.id, NEW.payload, octet_length(NEW.payload::text));
  END IF;
  INSERT INTO millrace.waiting_jobs
    (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
     last_run_at, idempotency_key, schedule_id, created_at, updated_at, progress,
     settings)
  VALUES
    (NEW.id, NEW.queue, NEW.type, CASE WHEN octet_length(NEW.payload::text) <= 2000 THEN NEW.payload END, NEW.priority,
     NEW.run_at, NEW.lease_token, NEW.worker_id, NEW.attempts, NEW.max_attempts, NEW.crashes, NEW.last_error,
     NEW.last_run_at, NEW.idempotency_key,
     CASE WHEN NEW.schedule_id IS NOT NULL THEN millrace.existing_schedule(NEW.schedule_id) END, NEW.created_at, NEW.updated_at,
     NEW.progress, NEW.settings);
  RETURN NEW;
END
$$;
--> statement-breakpoint
-- The function has new parameters, so it is made anew. Grants on it must be given again.
DROP FUNCTION "millrace"."enqueue"(text, jsonb, text, integer, timestamptz, interval, integer, text);
--> statement-breakpoint
CREATE FUNCTION "millrace"."enqueue"(
  "type" text,
  "payload" jsonb DEFAULT '{}',
  "queue" text DEFAULT 'default',
  -- An integer, though the column is a smallint: PostgreSQL would not find the function for `priority => 5`.
  "priority" integer DEFAULT 0,
  "run_at" timestamptz DEFAULT NULL,
  "delay" interval DEFAULT NULL,
  "max_attempts" integer DEFAULT 10,
  "idempotency_key" text DEFAULT NULL,
  "tags" text[] DEFAULT NULL,
  "metadata" jsonb DEFAULT NULL,
  "start_within" interval DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  job_payload jsonb := coalesce(enqueue.payload, '{}');
  job_queue text := coalesce(enqueue.queue, 'default');
  job_priority integer := coalesce(enqueue.priority, 0);
  job_max_attempts integer := coalesce(enqueue.max_attempts, 10);
  job_run_at timestamptz;
  job_settings jsonb;
  new_id uuid := millrace.uuid_v7();
  holder_id uuid;
  payload_bytes integer := 0;
  bad text;
BEGIN
  bad := CASE
    WHEN enqueue.type IS NULL OR char_length(enqueue.type) NOT BETWEEN 1 AND 100
      THEN format('type must have 1 to 100 characters, got %s.', coalesce(char_length(enqueue.type)::text, 'NULL'))
    -- Decompressed, which is cheap, before it is written out: text is at most some times as long.
    WHEN pg_column_size(job_payload || '{}') > 524288 AND octet_length(job_payload::text) > 4194304
      THEN format('payload must have at most 4194304 bytes of JSON text, got %s.', octet_length(job_payload::text))
    WHEN char_length(job_queue) NOT BETWEEN 1 AND 100
      THEN format('queue must have 1 to 100 characters, got %s.', char_length(job_queue))
    WHEN job_priority NOT BETWEEN -32768 AND 32767
      THEN format('priority must be from -32768 to 32767, got %s.', job_priority)
    WHEN job_max_attempts < 1
      THEN format('max_attempts must be at least 1, got %s.', job_max_attempts)
    WHEN char_length(enqueue.idempotency_key) NOT BETWEEN 1 AND 255
      THEN format('idempotency_key must have 1 to 255 characters, got %s.', char_length(enqueue.idempotency_key))
    WHEN enqueue.run_at IS NOT NULL AND enqueue.delay IS NOT NULL
      THEN 'run_at and delay exclude each other.'
    WHEN enqueue.run_at = '-infinity'
      THEN 'run_at must be an instant, got -infinity.'
    WHEN NOT enqueue.delay BETWEEN interval '0' AND interval '36525 days'
      THEN format('delay must be from 0 to 36525 days, got %s.', enqueue.delay)
    WHEN cardinality(enqueue.tags) > 20 OR array_position(enqueue.tags, NULL) IS NOT NULL
      OR EXISTS (SELECT FROM unnest(enqueue.tags) AS tag WHERE char_length(tag) NOT BETWEEN 1 AND 100)
      THEN 'tags must have at most 20 texts of 1 to 100 characters each.'
    WHEN jsonb_typeof(enqueue.metadata) <> 'object' OR octet_length(enqueue.metadata::text) > 16384
      THEN 'metadata must be an object of at most 16384 bytes of JSON text.'
    WHEN NOT enqueue.start_within BETWEEN interval '0' AND interval '36525 days'
      THEN format('start_within must be from 0 to 36525 days, got %s.', enqueue.start_within)
  END;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.enqueue: ' || bad,
      HINT = 'Nothing was enqueued. For example: SELECT millrace.enqueue(''send-receipt'', ''{"order": 7}'', delay => ''5 minutes'').';
  END IF;
  job_run_at := coalesce(enqueue.run_at, now() + enqueue.delay, now());
  job_settings := nullif(jsonb_strip_nulls(jsonb_build_object(
    'tags', nullif(to_jsonb(enqueue.tags), '[]'), 'metadata', enqueue.metadata,
    'startBy', (extract(epoch FROM job_run_at + enqueue.start_within) * 1000)::bigint)), '{}');

  -- A key may become free between the insert and the look-up; then the insert is tried again.
  FOR attempt IN 1 .. 100 LOOP
    EXIT WHEN enqueue.idempotency_key IS NULL;
    INSERT INTO millrace.job_keys AS taken (key, job_id) VALUES (enqueue.idempotency_key, new_id)
    ON CONFLICT (key) DO NOTHING;
    EXIT WHEN FOUND;

    -- The key is its job's no longer when its scope is over.
    DELETE FROM millrace.job_keys AS k
    WHERE k.key = enqueue.idempotency_key AND (
      (k.scope = 'queued' AND NOT EXISTS (SELECT FROM millrace.waiting_jobs AS w WHERE w.id = k.job_id))
      OR (k.scope = 'active' AND EXISTS (SELECT FROM millrace.ended_jobs AS e WHERE e.id = k.job_id))
      OR (k.scope = 'period' AND k.until <= now()));
    IF NOT FOUND THEN
      SELECT k.job_id INTO holder_id FROM millrace.job_keys AS k WHERE k.key = enqueue.idempotency_key;
      IF holder_id IS NOT NULL THEN
        RETURN holder_id;
      END IF;
    END IF;
    IF attempt = 100 THEN
      RAISE EXCEPTION USING
        ERRCODE = 'lock_not_available',
        MESSAGE = format('millrace.enqueue: the jobs with the idempotency key %L come and go.', enqueue.idempotency_key),
        HINT = 'Nothing was enqueued. Try again.';
    END IF;
  END LOOP;

  -- Most payloads are small, and are not written out for this.
  IF pg_column_size(job_payload || '{}') > 250 THEN
    payload_bytes := octet_length(job_payload::text);
  END IF;
  IF payload_bytes > 2000 THEN
    INSERT INTO millrace.job_payloads (job_id, payload, bytes) VALUES (new_id, job_payload, payload_bytes);
  END IF;
  INSERT INTO millrace.waiting_jobs (id, type, payload, queue, priority, run_at, max_attempts, idempotency_key, settings)
  VALUES (new_id, enqueue.type, CASE WHEN payload_bytes <= 2000 THEN job_payload END, job_queue, job_priority,
          job_run_at, job_max_attempts, enqueue.idempotency_key, job_settings);
  -- Always: who sleeps when the caller commits is not known yet.
  IF job_run_at <= now() THEN
    PERFORM pg_notify('millrace_jobs', job_priority || ':' || job_queue);
  END IF;
  RETURN new_id;
END
$$;
--> statement-breakpoint
-- For people in psql: the commands cancel, retry and runNow of @millrace/queue. The functions below serve these three.
--
-- The id of the job that a job with these settings waits for, if that job has not ended.
CREATE FUNCTION "millrace"."waited_for"("settings" jsonb) RETURNS uuid LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT other.id
  FROM (SELECT CASE WHEN settings ->> 'after' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    THEN (settings ->> 'after')::uuid END AS id) AS other
  WHERE EXISTS (SELECT FROM millrace.waiting_jobs AS w WHERE w.id = other.id)
     OR EXISTS (SELECT FROM millrace.claims AS c, unnest(c.ids) WITH ORDINALITY AS job(id, place)
                WHERE other.id = ANY(c.ids) AND job.id = other.id AND (c.open IS NULL OR job.place = ANY(c.open)))
$$;
--> statement-breakpoint
-- Raises an error that says why a job cannot be changed. Returns if the job moved meanwhile, and can be changed after all.
CREATE FUNCTION "millrace"."refuse_command"("command" text, "job_id" uuid, "allowed" text[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  job_state text := (SELECT j.state FROM millrace.jobs AS j WHERE j.id = refuse_command.job_id);
BEGIN
  IF job_state IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'no_data_found',
      MESSAGE = format('millrace.%s: no job has the id %s.', command, coalesce(job_id::text, 'NULL')),
      HINT = 'It may have been pruned. SELECT id, state FROM millrace.jobs shows what is kept.';
  END IF;
  IF job_state <> ALL(allowed) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('millrace.%s: job %s is %s.', command, job_id, job_state),
      HINT = format('Nothing was changed. Only jobs that are %s can be.', array_to_string(allowed, ' or '));
  END IF;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "millrace"."refuse_waiting"("command" text, "job_id" uuid, "waited_for" uuid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF refuse_waiting.waited_for IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('millrace.%s: job %s waits for the end of job %s, which has the same key.', command, job_id, refuse_waiting.waited_for),
      HINT = 'Nothing was changed. Cancel that job, or wait.';
  END IF;
END
$$;
--> statement-breakpoint
-- Settings of a job that a person wants to run now: it waits for no job, and for no start that is over.
CREATE FUNCTION "millrace"."settings_to_run_now"("settings" jsonb, "begun" boolean) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT nullif(settings - 'after' - CASE WHEN begun OR (settings ->> 'startBy')::float8 <= extract(epoch FROM now()) * 1000
                                          THEN 'startBy' ELSE '' END, '{}')
$$;
--> statement-breakpoint
-- Cancels a queued job, or requests a cancel of a running one. Returns 'canceled' or 'cancel-requested'.
CREATE FUNCTION "millrace"."cancel_job"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  canceled millrace.waiting_jobs%ROWTYPE;
  token bigint;
BEGIN
  -- A job may move between two statements; then the cancel is tried again.
  FOR round IN 1 .. 10 LOOP
    DELETE FROM millrace.waiting_jobs AS w WHERE w.id = cancel_job.job_id RETURNING w.* INTO canceled;
    IF FOUND THEN
      INSERT INTO millrace.ended_jobs
        (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
         last_run_at, idempotency_key, schedule_id, created_at, progress, settings, state, ended_at)
      VALUES
        (canceled.id, canceled.queue, canceled.type, canceled.payload, canceled.priority, canceled.run_at,
         canceled.lease_token, canceled.worker_id, canceled.attempts, canceled.max_attempts, canceled.crashes,
         canceled.last_error, canceled.last_run_at, canceled.idempotency_key, canceled.schedule_id, canceled.created_at,
         canceled.progress, canceled.settings, 'canceled', now());
      -- Whoever waits for the job's end is told, and a job of its key that waits for it is due.
      DELETE FROM millrace.job_waits AS w WHERE w.job_id = canceled.id;
      IF FOUND THEN
        PERFORM pg_notify('millrace_ended', canceled.id::text);
      END IF;
      UPDATE millrace.waiting_jobs AS w
      SET run_at = now(), updated_at = now(), settings = nullif(w.settings - 'after', '{}')
      WHERE w.id IN (
        SELECT f.id FROM millrace.waiting_jobs AS f
        WHERE (f.settings ->> 'after') IS NOT NULL AND (f.settings ->> 'after') = canceled.id::text
        FOR UPDATE SKIP LOCKED);
      IF FOUND THEN
        PERFORM pg_notify('millrace_jobs', '');
      END IF;
      RETURN 'canceled';
    END IF;

    SELECT r.lease_token INTO token FROM millrace.running_jobs AS r
    WHERE r.id = cancel_job.job_id AND cancel_job.job_id = ANY(r.claim_ids);
    IF FOUND THEN
      INSERT INTO millrace.cancel_requests AS asked (job_id) VALUES (cancel_job.job_id) ON CONFLICT DO NOTHING;
      PERFORM pg_notify('millrace_jobs', 'cancel:' || cancel_job.job_id || ':' || token);
      RETURN 'cancel-requested';
    END IF;
    PERFORM millrace.refuse_command('cancel_job', cancel_job.job_id, '{queued,running}');
  END LOOP;
  RAISE EXCEPTION USING
    ERRCODE = 'lock_not_available',
    MESSAGE = format('millrace.cancel_job: job %s keeps moving.', cancel_job.job_id),
    HINT = 'Nothing was changed. Try again.';
END
$$;
--> statement-breakpoint
-- Queues an ended job again, due now, with all its attempts. Returns 'queued'.
CREATE FUNCTION "millrace"."retry_job"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  again millrace.ended_jobs%ROWTYPE;
BEGIN
  FOR round IN 1 .. 10 LOOP
    DELETE FROM millrace.ended_jobs AS e WHERE e.id = retry_job.job_id RETURNING e.* INTO again;
    IF FOUND THEN
      PERFORM millrace.refuse_waiting('retry_job', again.id, millrace.waited_for(again.settings));
      INSERT INTO millrace.waiting_jobs
        (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
         last_run_at, idempotency_key, schedule_id, created_at, progress, settings)
      VALUES
        (again.id, again.queue, again.type, again.payload, again.priority, now(), again.lease_token, again.worker_id, 0,
         again.max_attempts, 0, again.last_error, again.last_run_at, again.idempotency_key, again.schedule_id,
         again.created_at, again.progress, millrace.settings_to_run_now(again.settings, again.lease_token > 0));
      DELETE FROM millrace.cancel_requests AS asked WHERE asked.job_id = again.id;
      PERFORM pg_notify('millrace_jobs', again.priority || ':' || again.queue);
      RETURN 'queued';
    END IF;
    PERFORM millrace.refuse_command('retry_job', retry_job.job_id, '{completed,failed,canceled}');
  END LOOP;
  RAISE EXCEPTION USING
    ERRCODE = 'lock_not_available',
    MESSAGE = format('millrace.retry_job: job %s keeps moving.', retry_job.job_id),
    HINT = 'Nothing was changed. Try again.';
END
$$;
--> statement-breakpoint
-- Makes a queued job due now. Returns 'queued'.
CREATE FUNCTION "millrace"."run_job_now"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  found_job millrace.waiting_jobs%ROWTYPE;
BEGIN
  FOR round IN 1 .. 10 LOOP
    SELECT w.* INTO found_job FROM millrace.waiting_jobs AS w WHERE w.id = run_job_now.job_id FOR UPDATE;
    IF FOUND THEN
      PERFORM millrace.refuse_waiting('run_job_now', found_job.id, millrace.waited_for(found_job.settings));
      UPDATE millrace.waiting_jobs AS w
      SET run_at = now(), updated_at = now(), settings = millrace.settings_to_run_now(w.settings, false)
      WHERE w.id = found_job.id AND w.run_at > now();
      IF FOUND THEN
        PERFORM pg_notify('millrace_jobs', found_job.priority || ':' || found_job.queue);
      END IF;
      RETURN 'queued';
    END IF;
    PERFORM millrace.refuse_command('run_job_now', run_job_now.job_id, '{queued}');
  END LOOP;
  RAISE EXCEPTION USING
    ERRCODE = 'lock_not_available',
    MESSAGE = format('millrace.run_job_now: job %s keeps moving.', run_job_now.job_id),
    HINT = 'Nothing was changed. Try again.';
END
$$;
--> statement-breakpoint
-- How common each tag is. The planner does not use what it knows of a partial index, and would read all jobs for a rare tag.
CREATE STATISTICS "millrace"."waiting_jobs_tags_stat" ON (settings -> 'tags') FROM "millrace"."waiting_jobs";
--> statement-breakpoint
CREATE STATISTICS "millrace"."ended_jobs_tags_stat" ON (settings -> 'tags') FROM "millrace"."ended_jobs";
