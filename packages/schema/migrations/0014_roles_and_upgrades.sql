ALTER TABLE "millrace"."workers" ADD COLUMN "schema" integer;--> statement-breakpoint
CREATE VIEW "millrace"."audit_entries" AS (
SELECT entry.id, entry.command_id, entry.at, entry.who, entry.via, entry.action,
       CASE WHEN jsonb_typeof(entry.filter) = 'object'
            THEN entry.filter #- '{payload}' #- '{payloadContains}' #- '{change,payload}' #- '{schedule,payload}'
                   #- '{patch,payload}' END AS filter,
       entry.changed
FROM "millrace"."audit_log" entry);--> statement-breakpoint
CREATE VIEW "millrace"."schedule_entries" AS (
SELECT s.id, s.name, s.job_type, s.queue, NULL::jsonb AS payload, s.priority, s.cron_expr, s.every_ms, s.anchor,
       s.timezone, s.enabled, s.max_attempts, s.misfire, s.overlap, s.jitter_ms, s.starts_at, s.ends_at, s.max_runs,
       s.runs, CASE WHEN s.declared IS NOT NULL THEN 'true'::jsonb END AS declared, s.next_run_at, s.last_run_at,
       s.created_at, s.updated_at
FROM "millrace"."job_schedules" s);
--> statement-breakpoint
-- Written by hand from here on. An expression in a default is read with the search path of whoever inserts. There, an
-- operator of another schema that fits the types better would take the place of PostgreSQL's own: so every name that is
-- not a keyword has its schema.
CREATE OR REPLACE FUNCTION "millrace"."uuid_v7"() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (
    overlay(
      pg_catalog.lpad(
        pg_catalog.to_hex((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
          OPERATOR(pg_catalog.*) 4096000::double precision)::bigint), 15, '0'
      ) PLACING '7' FROM 13 FOR 0
    ) OPERATOR(pg_catalog.||) substring(pg_catalog.gen_random_uuid()::pg_catalog.text FROM 20)
  )::pg_catalog.uuid
$$;
--> statement-breakpoint
-- What an enqueue with a key changes in jobs and keys that exist already. These four functions run with the rights of
-- their owner, so that a producer needs no right to change or delete any job. Each changes only what the caller names by
-- its key. docs/decisions/0042-least-privilege.md says why.
--
-- Deletes expired keys of the given jobs, and says whether it deleted any. With a third argument, waits no longer for
-- locks than this setting of lock_timeout. A key that is valid again after a retry stays. Locks in sorted order.
CREATE FUNCTION "millrace"."free_expired_keys"("job_ids" uuid[], "keys" text[], "lock_limit" text)
RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH bounded AS MATERIALIZED (SELECT CASE WHEN $3 IS NOT NULL THEN set_config('lock_timeout', $3, true) END), expired AS MATERIALIZED (
    SELECT k.key FROM bounded, millrace.job_keys k
    WHERE k.key = ANY($2) AND k.job_id = ANY($1) AND (
      (k.scope = 'queued' AND NOT EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = k.job_id))
      OR (k.scope = 'active' AND EXISTS (SELECT FROM millrace.ended_jobs e WHERE e.id = k.job_id))
      OR (k.scope = 'period' AND k.until <= now()))
    ORDER BY k.key FOR UPDATE OF k
  ), freed AS (
    DELETE FROM millrace.job_keys k USING expired WHERE k.key = expired.key RETURNING k.key
  )
  SELECT count(*) > 0 FROM freed
$$;
--> statement-breakpoint
-- Overwrites jobs that are still queued and still have the given keys. The statement of replace-jobs.sql.ts in
-- @millrace/queue, which says what it guarantees.
CREATE FUNCTION "millrace"."replace_jobs"(
  "job_ids" uuid[], "keys" text[], "queues" text[], "types" text[], "payloads" text[], "priorities" smallint[],
  "run_ats" timestamptz[], "delays_ms" float8[], "max_attempts" integer[], "schedule_ids" uuid[], "notifies" boolean,
  "settings" jsonb[], "max_waits_ms" float8[], "lock_limit" text
) RETURNS TABLE ("id" uuid, "waits" boolean) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH bounded AS MATERIALIZED (SELECT CASE WHEN $14 IS NOT NULL THEN set_config('lock_timeout', $14, true) END), target AS MATERIALIZED (
    SELECT given.*, job.is_large
    FROM bounded, unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13)
      AS given(id, key, queue, type, payload, priority, run_at, delay_ms, max_attempts, schedule_id, settings,
               max_wait_ms),
      LATERAL (
      SELECT j.payload IS NULL AS is_large FROM millrace.waiting_jobs j
      WHERE j.id = given.id AND j.idempotency_key = given.key
        AND EXISTS (SELECT FROM millrace.job_keys k WHERE k.key = given.key AND k.job_id = given.id)
      LIMIT 1
      FOR UPDATE
    ) AS job
  ), small AS (
    DELETE FROM millrace.job_payloads p USING target
    WHERE p.job_id = target.id AND octet_length(target.payload) <= 2000
    RETURNING p.job_id
  ), apart AS MATERIALIZED (
    SELECT target.* FROM target
    WHERE octet_length(target.payload) > 2000
      OR (target.is_large AND target.id NOT IN (SELECT job_id FROM small))
  ), large AS (
    INSERT INTO millrace.job_payloads AS p (job_id, payload, bytes)
    SELECT apart.id, apart.payload::jsonb, octet_length(apart.payload) FROM apart
    ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload, bytes = excluded.bytes
  ), forgotten AS (
    DELETE FROM millrace.cancel_requests AS asked USING target WHERE asked.job_id = target.id
  ), replaced AS (
    UPDATE millrace.waiting_jobs j
    SET queue = target.queue, type = target.type, priority = target.priority,
        payload = CASE WHEN target.id NOT IN (SELECT apart.id FROM apart) THEN target.payload::jsonb END,
        run_at = CASE WHEN (j.settings ->> 'after') IS NOT NULL THEN j.run_at
             ELSE coalesce(target.run_at, least(now() + target.delay_ms * interval '1 ms',
               CASE WHEN target.max_wait_ms IS NOT NULL
                    THEN greatest(now(), j.created_at + target.max_wait_ms * interval '1 ms') END)) END, max_attempts = target.max_attempts,
        schedule_id = CASE WHEN target.schedule_id IS NOT NULL THEN millrace.existing_schedule(target.schedule_id) END, attempts = 0, crashes = 0, updated_at = now(),
        settings = CASE WHEN (j.settings ->> 'after') IS NOT NULL
             THEN coalesce(target.settings, '{}') || jsonb_build_object('after', j.settings -> 'after')
             ELSE CASE WHEN target.settings ? 'startWithinMs'
                THEN (target.settings - 'startWithinMs') || jsonb_build_object('startBy',
                       (extract(epoch FROM CASE WHEN (j.settings ->> 'after') IS NOT NULL THEN j.run_at
             ELSE coalesce(target.run_at, least(now() + target.delay_ms * interval '1 ms',
               CASE WHEN target.max_wait_ms IS NOT NULL
                    THEN greatest(now(), j.created_at + target.max_wait_ms * interval '1 ms') END)) END) * 1000)::bigint + (target.settings ->> 'startWithinMs')::bigint)
                ELSE target.settings END END
    FROM target WHERE j.id = target.id
    RETURNING j.id, j.queue, j.priority, j.run_at, (j.settings ->> 'after') IS NOT NULL AS waits
  ), notified AS MATERIALIZED (
    SELECT pg_notify('millrace_jobs', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM replaced WHERE run_at <= now()) AS lane
    WHERE $11 OR EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)
  )
  SELECT replaced.id, replaced.waits FROM replaced WHERE (SELECT count(*) FROM notified) >= 0
$$;
--> statement-breakpoint
-- Inserts jobs that take the keys of jobs that are not queued. The statement of follow-jobs.sql.ts in @millrace/queue,
-- which says what it guarantees.
CREATE FUNCTION "millrace"."follow_jobs"(
  "job_ids" uuid[], "keys" text[], "holders" uuid[], "firsts" uuid[], "queues" text[], "types" text[],
  "payloads" text[], "priorities" smallint[], "max_attempts" integer[], "schedule_ids" uuid[], "notifies" boolean,
  "settings" jsonb[], "lock_limit" text
) RETURNS TABLE ("id" uuid, "waits" boolean) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH bounded AS MATERIALIZED (SELECT CASE WHEN $13 IS NOT NULL THEN set_config('lock_timeout', $13, true) END), given AS MATERIALIZED (
    SELECT given.*
    FROM bounded, unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12)
      AS given(id, key, holder, first, queue, type, payload, priority, max_attempts, schedule_id, settings)
  ), running AS MATERIALIZED (
    SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE c.open IS NULL OR job.ordinal = ANY(c.open)
  ), target AS MATERIALIZED (
    SELECT given.*, (EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = given.first)
            OR given.first IN (SELECT running.id FROM running)) AS waits
    FROM given, LATERAL (
      SELECT FROM millrace.job_keys k WHERE k.key = given.key AND k.job_id = given.holder LIMIT 1 FOR UPDATE
    ) AS key
    WHERE NOT EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = given.holder)
  ), moved AS (
    UPDATE millrace.job_keys k SET job_id = target.id, scope = 'active', until = NULL
    FROM target WHERE k.key = target.key
  ), large AS (
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    SELECT target.id, target.payload::jsonb, octet_length(target.payload)
    FROM target WHERE octet_length(target.payload) > 2000
  ), inserted AS (
    INSERT INTO millrace.waiting_jobs
      (id, queue, type, payload, priority, run_at, max_attempts, idempotency_key, schedule_id, settings)
    SELECT target.id, target.queue, target.type,
           CASE WHEN octet_length(target.payload) <= 2000 THEN target.payload::jsonb END, target.priority,
           CASE WHEN target.waits THEN 'infinity' ELSE now() END, target.max_attempts, target.key,
           CASE WHEN target.schedule_id IS NOT NULL THEN millrace.existing_schedule(target.schedule_id) END,
           CASE WHEN target.waits
                THEN coalesce(target.settings, '{}') || jsonb_build_object('after', target.first::text)
                ELSE target.settings END
    FROM target
    RETURNING waiting_jobs.id, waiting_jobs.queue, waiting_jobs.priority, waiting_jobs.run_at
  ), notified AS MATERIALIZED (
    SELECT pg_notify('millrace_jobs', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM inserted WHERE run_at <= now()) AS lane
    WHERE $11 OR EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)
  )
  SELECT inserted.id, inserted.run_at = 'infinity' FROM inserted WHERE (SELECT count(*) FROM notified) >= 0
$$;
--> statement-breakpoint
-- Makes followers due whose first job is neither queued nor running. Leaves locked followers as they are.
CREATE FUNCTION "millrace"."free_followers"("job_ids" uuid[], "notifies" boolean)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH found AS MATERIALIZED (
    SELECT w.id, (w.settings ->> 'after') AS after FROM millrace.waiting_jobs w
    WHERE (w.settings ->> 'after') IS NOT NULL AND (w.settings ->> 'after') ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      AND w.id = ANY($1)
  ), running AS MATERIALIZED (
    SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE c.open IS NULL OR job.ordinal = ANY(c.open)
  ), freeable AS MATERIALIZED (
    SELECT follower.id FROM found, LATERAL (
      SELECT w.id FROM millrace.waiting_jobs w
      WHERE w.id = found.id AND (w.settings ->> 'after') = found.after
      FOR UPDATE SKIP LOCKED
    ) AS follower
    WHERE NOT (EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = found.after::uuid)
            OR found.after::uuid IN (SELECT running.id FROM running))
  ), freed AS (
    UPDATE millrace.waiting_jobs w
    SET run_at = now(), updated_at = now(), settings = nullif(w.settings - 'after', '{}')
    FROM freeable WHERE w.id = freeable.id
    RETURNING w.queue, w.priority, w.run_at
  ), notified AS MATERIALIZED (
    SELECT pg_notify('millrace_jobs', lane.priority || ':' || lane.queue)
    FROM (SELECT DISTINCT queue, priority FROM freed WHERE run_at <= now()) AS lane
    WHERE $2 OR EXISTS (SELECT FROM millrace.workers AS w WHERE w.asleep)
  )
  SELECT FROM notified HAVING count(*) >= 0
$$;
--> statement-breakpoint
-- millrace.enqueue as before, except that the function above frees an expired key.
CREATE OR REPLACE FUNCTION "millrace"."enqueue"(
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

    SELECT k.job_id INTO holder_id FROM millrace.job_keys AS k WHERE k.key = enqueue.idempotency_key;
    -- The key is its job's no longer when its scope is over.
    IF holder_id IS NOT NULL
      AND NOT millrace.free_expired_keys(ARRAY[holder_id], ARRAY[enqueue.idempotency_key], NULL) THEN
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
-- INSERT INTO millrace.jobs as before, except that a payload may not be larger than another one, and that the insert sets
-- no counters of claims.
CREATE OR REPLACE FUNCTION "millrace"."insert_job"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(NEW.state, 'queued') <> 'queued' OR NEW.lease_until IS NOT NULL OR NEW.output IS NOT NULL
    OR coalesce(NEW.lease_token, 0) <> 0 OR coalesce(NEW.attempts, 0) <> 0 OR coalesce(NEW.crashes, 0) <> 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.jobs: only queued jobs that never ran can be inserted.',
      HINT = 'Nothing was enqueued. Leave state, lease_until, lease_token, attempts, crashes and output out.';
  END IF;
  -- The limit of millrace.enqueue. Decompressed, which is cheap, before the payload is written out.
  IF pg_column_size(NEW.payload || '{}') > 524288 AND octet_length(NEW.payload::text) > 4194304 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('millrace.jobs: payload must have at most 4194304 bytes of JSON text, got %s.', octet_length(NEW.payload::text)),
      HINT = 'Nothing was enqueued. Store the data elsewhere, and enqueue where it is.';
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
  -- The counters keep their defaults, so that the caller needs no right to set them.
  INSERT INTO millrace.waiting_jobs
    (id, queue, type, payload, priority, run_at, worker_id, max_attempts, last_error, last_run_at, idempotency_key,
     schedule_id, created_at, updated_at, progress, settings)
  VALUES
    (NEW.id, NEW.queue, NEW.type, CASE WHEN octet_length(NEW.payload::text) <= 2000 THEN NEW.payload END, NEW.priority,
     NEW.run_at, NEW.worker_id, NEW.max_attempts, NEW.last_error, NEW.last_run_at, NEW.idempotency_key,
     CASE WHEN NEW.schedule_id IS NOT NULL THEN millrace.existing_schedule(NEW.schedule_id) END, NEW.created_at, NEW.updated_at,
     NEW.progress, NEW.settings);
  RETURN NEW;
END
$$;
--> statement-breakpoint
-- By default, everybody may execute a function. These four go to the roles that could do the same until now: to those
-- that may change waiting jobs.
DO $$
DECLARE
  called text;
  grantee oid;
BEGIN
  FOREACH called IN ARRAY ARRAY['free_expired_keys', 'replace_jobs', 'follow_jobs', 'free_followers'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION millrace.%I FROM PUBLIC', called);
    FOR grantee IN
      SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
      WHERE c.oid = 'millrace.waiting_jobs'::regclass AND a.privilege_type = 'UPDATE' AND a.grantee <> c.relowner
    LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION millrace.%I TO %s', called,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END);
    END LOOP;
  END LOOP;
END
$$;
--> statement-breakpoint
-- The schema of the oldest release that may work on this database: how many migrations that release has at least. A
-- migration that older workers cannot live with replaces this function; migration-rules.ts has the same number, and says
-- why. A worker of an older release reads it, and does not work on a database that is too new for it.
CREATE FUNCTION "millrace"."least_schema"() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 10
$$;
