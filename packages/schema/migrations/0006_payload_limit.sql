-- Written by hand: drizzle-kit does not manage functions. millrace.enqueue as before, and payloads of more than 4 MiB of
-- JSON text are refused, as the TypeScript `enqueue` refuses them.
CREATE OR REPLACE FUNCTION "millrace"."enqueue"(
  "type" text,
  "payload" jsonb DEFAULT '{}',
  "queue" text DEFAULT 'default',
  -- An integer, though the column is a smallint: PostgreSQL would not find the function for `priority => 5`.
  "priority" integer DEFAULT 0,
  "run_at" timestamptz DEFAULT NULL,
  "delay" interval DEFAULT NULL,
  "max_attempts" integer DEFAULT 3,
  "idempotency_key" text DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  job_payload jsonb := coalesce(enqueue.payload, '{}');
  job_queue text := coalesce(enqueue.queue, 'default');
  job_priority integer := coalesce(enqueue.priority, 0);
  job_max_attempts integer := coalesce(enqueue.max_attempts, 3);
  job_run_at timestamptz;
  job_id uuid;
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
  END;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.enqueue: ' || bad,
      HINT = 'Nothing was enqueued. For example: SELECT millrace.enqueue(''send-receipt'', ''{"order": 7}'', delay => ''5 minutes'').';
  END IF;
  job_run_at := coalesce(enqueue.run_at, now() + enqueue.delay, now());

  -- A key's job may leave between the insert and the look-up; then the insert is tried again.
  FOR attempt IN 1 .. 100 LOOP
    INSERT INTO millrace.jobs (type, payload, queue, priority, run_at, max_attempts, idempotency_key)
    VALUES (enqueue.type, job_payload, job_queue, job_priority, job_run_at, job_max_attempts, enqueue.idempotency_key)
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id INTO job_id;
    IF job_id IS NOT NULL THEN
      -- Always: who sleeps when the caller commits is not known yet.
      IF job_run_at <= now() THEN
        PERFORM pg_notify('millrace_jobs', job_priority || ':' || job_queue);
      END IF;
      RETURN job_id;
    END IF;

    -- The key is its job's no longer when its scope is over; the job itself is left as it is.
    UPDATE millrace.jobs AS holder SET idempotency_key = NULL, key_scope = NULL, key_until = NULL
    WHERE holder.idempotency_key = enqueue.idempotency_key AND (
      (holder.key_scope = 'queued' AND holder.state <> 'queued')
      OR (holder.key_scope = 'active' AND holder.state IN ('completed', 'failed', 'canceled'))
      OR (holder.key_scope = 'period' AND holder.key_until <= now()));
    IF NOT FOUND THEN
      SELECT holder.id INTO job_id FROM millrace.jobs AS holder
      WHERE holder.idempotency_key = enqueue.idempotency_key;
      IF job_id IS NOT NULL THEN
        RETURN job_id;
      END IF;
    END IF;
  END LOOP;
  RAISE EXCEPTION USING
    ERRCODE = 'lock_not_available',
    MESSAGE = format('millrace.enqueue: the jobs with the idempotency key %L come and go.', enqueue.idempotency_key),
    HINT = 'Nothing was enqueued. Try again.';
END
$$;
