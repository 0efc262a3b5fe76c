-- Written by hand around what drizzle-kit would generate: jobs move to three tables, one for each place a job can be in.
-- docs/decisions/0032-three-places.md says why. Existing jobs are carried over, running ones with their leases.
--
-- A worker of the release before cannot use the new tables. So the migration refuses while such a worker lives. Running
-- jobs whose worker has been killed keep their lease, and are recovered when it has run out.
DO $$
DECLARE
  living text := (SELECT string_agg(w.worker_id, ', ' ORDER BY w.worker_id) FROM millrace.workers AS w
                  WHERE w.seen_at > now() - interval '30 seconds');
BEGIN
  IF living IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'workers of the release before are running (' || living || '), and cannot use the tables that this '
        || 'migration makes; stop them, which gives their jobs back, and migrate again once they have stopped';
  END IF;
END
$$;
--> statement-breakpoint
-- A foreign key to a table follows the table. Moving a job out of it would be refused, or would change or delete the rows
-- that name the job: with ON DELETE CASCADE, this migration itself would delete them.
DO $$
DECLARE
  keys text := (SELECT string_agg(format('%I of %s', k.conname, k.conrelid::regclass), ', ' ORDER BY k.conname)
                FROM pg_constraint AS k
                WHERE k.contype = 'f' AND k.conparentid = 0
                  AND k.confrelid IN ('millrace.jobs'::regclass, 'millrace.job_history'::regclass));
BEGIN
  IF keys IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'foreign keys reference tables of jobs (' || keys || '), and this migration moves jobs to other tables; '
        || 'drop these foreign keys, keep the columns, and migrate again';
  END IF;
END
$$;
--> statement-breakpoint
-- Triggers stay with a table, too. They would fire for each job that moves, and for each claim from then on.
DO $$
DECLARE
  triggers text := (SELECT string_agg(format('%I on %s', t.tgname, t.tgrelid::regclass), ', ' ORDER BY t.tgname)
                    FROM pg_trigger AS t
                    WHERE NOT t.tgisinternal
                      AND t.tgrelid IN ('millrace.jobs'::regclass, 'millrace.job_history'::regclass));
BEGIN
  IF triggers IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = 'there are triggers on tables of jobs (' || triggers || '), and this migration moves jobs to other tables; '
        || 'drop these triggers, migrate again, and make them anew on millrace.waiting_jobs or millrace.ended_jobs';
  END IF;
END
$$;
--> statement-breakpoint
DROP VIEW "millrace"."all_jobs";--> statement-breakpoint
ALTER TABLE "millrace"."jobs" RENAME TO "waiting_jobs";--> statement-breakpoint
ALTER TABLE "millrace"."job_history" RENAME TO "ended_jobs";--> statement-breakpoint
CREATE TABLE "millrace"."claims" (
	"lease_token" bigint NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"worker_id" varchar(100) NOT NULL,
	"queue" varchar(100) NOT NULL,
	"priority" smallint NOT NULL,
	"lease_until" timestamp with time zone NOT NULL,
	"begun_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"open" smallint[],
	"ids" uuid[] NOT NULL,
	"types" varchar(100)[] NOT NULL,
	"payloads" jsonb[] NOT NULL,
	"run_ats" timestamp with time zone[] NOT NULL,
	"created_ats" timestamp with time zone[] NOT NULL,
	"attempts" integer[] NOT NULL,
	"max_attempts" integer[] NOT NULL,
	"crashes" integer[] NOT NULL,
	"last_errors" text[],
	"idempotency_keys" varchar(255)[],
	"schedule_ids" uuid[],
	"progress" jsonb[],
	CONSTRAINT "claims_pkey" PRIMARY KEY("lease_token","id")
);
--> statement-breakpoint
-- Storage settings are written by hand. The arrays are written once and read once. Compressing them costs more than the
-- bytes that it saves, except for payloads, which repeat their field names. Out of line, the arrays are not written again
-- when a lease is extended; the target of 256 bytes keeps the short ones out of the row, too.
ALTER TABLE "millrace"."claims"
  ALTER COLUMN "ids" SET STORAGE EXTERNAL, ALTER COLUMN "types" SET STORAGE EXTERNAL,
  ALTER COLUMN "run_ats" SET STORAGE EXTERNAL,
  ALTER COLUMN "created_ats" SET STORAGE EXTERNAL, ALTER COLUMN "attempts" SET STORAGE EXTERNAL,
  ALTER COLUMN "max_attempts" SET STORAGE EXTERNAL, ALTER COLUMN "crashes" SET STORAGE EXTERNAL,
  SET (toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000,
       toast.autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint
CREATE TABLE "millrace"."job_keys" (
	"key" varchar(255) PRIMARY KEY NOT NULL,
	"job_id" uuid NOT NULL,
	"scope" varchar(20),
	"until" timestamp with time zone,
	CONSTRAINT "job_keys_scope_check" CHECK (scope IN ('queued', 'active', 'period'))
);
--> statement-breakpoint
CREATE TABLE "millrace"."job_payloads" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"payload" jsonb NOT NULL,
	"bytes" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "millrace"."cancel_requests" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "millrace"."ended_jobs" RENAME COLUMN "completed_at" TO "ended_at";--> statement-breakpoint
ALTER TABLE "millrace"."ended_jobs" RENAME CONSTRAINT "job_history_pkey" TO "ended_jobs_pkey";--> statement-breakpoint
-- The default gives each old row its state without writing the row.
ALTER TABLE "millrace"."ended_jobs"
  ADD COLUMN "state" varchar(20) DEFAULT 'completed' NOT NULL, ADD COLUMN "idempotency_key" varchar(255),
  ADD COLUMN "schedule_id" uuid, ADD COLUMN "progress" jsonb, ALTER COLUMN "payload" DROP NOT NULL;
--> statement-breakpoint
ALTER TABLE "millrace"."ended_jobs" ALTER COLUMN "state" DROP DEFAULT;--> statement-breakpoint
-- NOT VALID: every row of the table is completed, and a scan would keep the lock for long.
ALTER TABLE "millrace"."ended_jobs" ADD CONSTRAINT "ended_jobs_state_check" CHECK (state IN ('completed', 'failed', 'canceled')) NOT VALID;--> statement-breakpoint
INSERT INTO "millrace"."job_keys" (key, job_id, scope, until)
SELECT j.idempotency_key, j.id, j.key_scope, j.key_until FROM "millrace"."waiting_jobs" j
WHERE j.idempotency_key IS NOT NULL;
--> statement-breakpoint
INSERT INTO "millrace"."cancel_requests" (job_id, requested_at)
SELECT j.id, j.cancel_requested_at FROM "millrace"."waiting_jobs" j
WHERE j.state = 'running' AND j.cancel_requested_at IS NOT NULL;
--> statement-breakpoint
INSERT INTO "millrace"."claims"
  (lease_token, worker_id, queue, priority, lease_until, begun_at, updated_at, ids, types, payloads, run_ats, created_ats,
   attempts, max_attempts, crashes, last_errors, idempotency_keys, schedule_ids, progress)
SELECT j.lease_token, coalesce(j.worker_id, '?'), j.queue, j.priority, j.lease_until, j.last_run_at, j.updated_at,
       ARRAY[j.id], ARRAY[j.type], ARRAY[j.payload], ARRAY[j.run_at], ARRAY[j.created_at], ARRAY[j.attempts],
       ARRAY[j.max_attempts], ARRAY[j.crashes], ARRAY[j.last_error], ARRAY[j.idempotency_key],
       CASE WHEN j.schedule_id IS NOT NULL THEN ARRAY[j.schedule_id] END, ARRAY[j.progress]
FROM "millrace"."waiting_jobs" j WHERE j.state = 'running';
--> statement-breakpoint
INSERT INTO "millrace"."ended_jobs"
  (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
   last_run_at, created_at, ended_at, output, state, idempotency_key, schedule_id, progress)
SELECT j.id, j.queue, j.type, j.payload, j.priority, j.run_at, j.lease_token, j.worker_id, j.attempts, j.max_attempts,
       j.crashes, j.last_error, j.last_run_at, j.created_at, coalesce(j.completed_at, j.canceled_at, j.updated_at),
       j.output, j.state, j.idempotency_key, j.schedule_id, j.progress
FROM "millrace"."waiting_jobs" j WHERE j.state IN ('completed', 'failed', 'canceled');
--> statement-breakpoint
DELETE FROM "millrace"."waiting_jobs" j WHERE j.state <> 'queued';--> statement-breakpoint
ALTER TABLE "millrace"."waiting_jobs" DROP CONSTRAINT "jobs_schedule_id_job_schedules_id_fk";--> statement-breakpoint
ALTER TABLE "millrace"."waiting_jobs" RENAME CONSTRAINT "jobs_pkey" TO "waiting_jobs_pkey";--> statement-breakpoint
ALTER TABLE "millrace"."waiting_jobs" RENAME CONSTRAINT "jobs_max_attempts_check" TO "waiting_jobs_max_attempts_check";--> statement-breakpoint
ALTER INDEX "millrace"."jobs_schedule_idx" RENAME TO "waiting_jobs_schedule_idx";--> statement-breakpoint
-- With the column, PostgreSQL drops its indexes and checks.
ALTER TABLE "millrace"."waiting_jobs"
  DROP COLUMN "state", DROP COLUMN "lease_until", DROP COLUMN "completed_at", DROP COLUMN "canceled_at",
  DROP COLUMN "cancel_requested_at", DROP COLUMN "key_scope", DROP COLUMN "key_until", DROP COLUMN "output",
  ALTER COLUMN "payload" DROP NOT NULL;
--> statement-breakpoint
DROP INDEX "millrace"."jobs_idempotency_key_idx";--> statement-breakpoint
CREATE INDEX "waiting_jobs_claim_idx" ON "millrace"."waiting_jobs" USING btree ("queue","priority","run_at","id","type");--> statement-breakpoint
CREATE INDEX "claims_lease_idx" ON "millrace"."claims" USING btree ("lease_until");--> statement-breakpoint
CREATE INDEX "claims_schedule_idx" ON "millrace"."claims" USING btree ("lease_token") WHERE schedule_ids IS NOT NULL;--> statement-breakpoint
CREATE VIEW "millrace"."running_jobs" AS (SELECT job.id, c.queue, job.type::varchar(100) AS type, coalesce(job.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = job.id)) AS payload, 'running'::varchar(20) AS state,
       c.priority, job.run_at, c.lease_until, c.lease_token, c.worker_id, job.attempts, job.max_attempts, job.crashes,
       job.last_error, c.begun_at AS last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = job.idempotency_key AND k.job_id = job.id)
         AS idempotency_key,
       (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = job.schedule_id) AS schedule_id, job.created_at, c.updated_at, NULL::timestamptz AS completed_at,
       NULL::timestamptz AS canceled_at,
       (SELECT r.requested_at FROM "millrace"."cancel_requests" r WHERE r.job_id = job.id) AS cancel_requested_at, job.progress,
       NULL::jsonb AS output, c.ids AS claim_ids
FROM "millrace"."claims" c,
     LATERAL unnest(c.ids, c.types, c.payloads, c.run_ats, c.created_ats, c.attempts, c.max_attempts, c.crashes,
                    c.last_errors, c.idempotency_keys, c.schedule_ids, c.progress)
       WITH ORDINALITY AS job(id, type, payload, run_at, created_at, attempts, max_attempts, crashes,
                              last_error, idempotency_key, schedule_id, progress, place)
WHERE c.open IS NULL OR job.place = ANY(c.open));--> statement-breakpoint
CREATE VIEW "millrace"."jobs" AS (SELECT w.id, w.queue, w.type, coalesce(w.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = w.id)) AS payload, 'queued'::varchar(20) AS state, w.priority, w.run_at,
       NULL::timestamptz AS lease_until, w.lease_token, w.worker_id, w.attempts, w.max_attempts, w.crashes,
       w.last_error, w.last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = w.idempotency_key AND k.job_id = w.id)
         AS idempotency_key, (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = w.schedule_id) AS schedule_id, w.created_at, w.updated_at,
       NULL::timestamptz AS completed_at, NULL::timestamptz AS canceled_at, NULL::timestamptz AS cancel_requested_at,
       w.progress, NULL::jsonb AS output
FROM "millrace"."waiting_jobs" w
UNION ALL
SELECT r.id, r.queue, r.type, r.payload, r.state, r.priority, r.run_at, r.lease_until, r.lease_token, r.worker_id,
       r.attempts, r.max_attempts, r.crashes, r.last_error, r.last_run_at, r.idempotency_key, r.schedule_id,
       r.created_at, r.updated_at, r.completed_at, r.canceled_at, r.cancel_requested_at, r.progress, r.output
FROM "millrace"."running_jobs" r
UNION ALL
SELECT e.id, e.queue, e.type, coalesce(e.payload, (SELECT p.payload FROM "millrace"."job_payloads" p WHERE p.job_id = e.id)) AS payload, e.state, e.priority, e.run_at, NULL, e.lease_token, e.worker_id,
       e.attempts, e.max_attempts, e.crashes, e.last_error, e.last_run_at, (SELECT k.key FROM "millrace"."job_keys" k WHERE k.key = e.idempotency_key AND k.job_id = e.id)
         AS idempotency_key, (SELECT s.id FROM "millrace"."job_schedules" s WHERE s.id = e.schedule_id) AS schedule_id,
       e.created_at, e.ended_at, CASE WHEN e.state = 'completed' THEN e.ended_at END,
       CASE WHEN e.state = 'canceled' THEN e.ended_at END, NULL, e.progress, e.output
FROM "millrace"."ended_jobs" e);--> statement-breakpoint
-- A job may name only a schedule that exists. There is no foreign key: a schedule that is deleted while its job runs
-- must not keep the job from ending.
CREATE FUNCTION "millrace"."existing_schedule"("id" uuid) RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM millrace.job_schedules AS s WHERE s.id = existing_schedule.id) THEN
    RETURN existing_schedule.id;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'foreign_key_violation',
    MESSAGE = format('no schedule has the id %s.', existing_schedule.id),
    HINT = 'Nothing was enqueued. Leave the schedule out, or name one that exists.';
END
$$;
--> statement-breakpoint
-- INSERT INTO millrace.jobs goes on to enqueue. NULL means the default; a taken key is an error, as a unique index has it.
ALTER VIEW "millrace"."jobs" ALTER COLUMN "id" SET DEFAULT millrace.uuid_v7();--> statement-breakpoint
CREATE FUNCTION "millrace"."insert_job"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(NEW.state, 'queued') <> 'queued' OR NEW.lease_until IS NOT NULL OR NEW.output IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.jobs: only queued jobs can be inserted.',
      HINT = 'Nothing was enqueued. Leave state, lease_until and output out.';
  END IF;
  NEW.id := coalesce(NEW.id, millrace.uuid_v7());
  NEW.state := 'queued';
  NEW.queue := coalesce(NEW.queue, 'default');
  NEW.payload := coalesce(NEW.payload, '{}');
  NEW.priority := coalesce(NEW.priority, 0);
  NEW.run_at := coalesce(NEW.run_at, now());
  NEW.lease_token := coalesce(NEW.lease_token, 0);
  NEW.attempts := coalesce(NEW.attempts, 0);
  NEW.max_attempts := coalesce(NEW.max_attempts, 3);
  NEW.crashes := coalesce(NEW.crashes, 0);
  NEW.created_at := coalesce(NEW.created_at, now());
  NEW.updated_at := coalesce(NEW.updated_at, now());
  IF NEW.idempotency_key IS NOT NULL THEN
    INSERT INTO millrace.job_keys (key, job_id) VALUES (NEW.idempotency_key, NEW.id);
  END IF;
  IF octet_length(NEW.payload::text) > 2000 THEN
    INSERT INTO millrace.job_payloads (job_id, payload, bytes)
    VALUES (NEW.id, NEW.payload, octet_length(NEW.payload::text));
  END IF;
  INSERT INTO millrace.waiting_jobs
    (id, queue, type, payload, priority, run_at, lease_token, worker_id, attempts, max_attempts, crashes, last_error,
     last_run_at, idempotency_key, schedule_id, created_at, updated_at, progress)
  VALUES
    (NEW.id, NEW.queue, NEW.type, CASE WHEN octet_length(NEW.payload::text) <= 2000 THEN NEW.payload END, NEW.priority,
     NEW.run_at, NEW.lease_token, NEW.worker_id, NEW.attempts, NEW.max_attempts, NEW.crashes, NEW.last_error,
     NEW.last_run_at, NEW.idempotency_key,
     CASE WHEN NEW.schedule_id IS NOT NULL THEN millrace.existing_schedule(NEW.schedule_id) END, NEW.created_at, NEW.updated_at, NEW.progress);
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "insert_job" INSTEAD OF INSERT ON "millrace"."jobs"
  FOR EACH ROW EXECUTE FUNCTION "millrace"."insert_job"();
--> statement-breakpoint
CREATE FUNCTION "millrace"."refuse_job_change"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'object_not_in_prerequisite_state',
    MESSAGE = format('millrace.jobs: a job cannot be changed by %s.', TG_OP),
    HINT = 'Nothing was changed. Use the commands of @millrace/queue or of millrace jobs. If this is a worker, its release is older than the database: replace the worker.';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refuse_job_change" INSTEAD OF UPDATE OR DELETE ON "millrace"."jobs"
  FOR EACH ROW EXECUTE FUNCTION "millrace"."refuse_job_change"();
--> statement-breakpoint
-- millrace.enqueue as before, on the new tables.
-- It runs with the caller's rights (INSERT and SELECT on waiting_jobs and job_payloads; INSERT, SELECT and DELETE on
-- job_keys; SELECT on ended_jobs), and names nothing without its schema.
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
  END;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'millrace.enqueue: ' || bad,
      HINT = 'Nothing was enqueued. For example: SELECT millrace.enqueue(''send-receipt'', ''{"order": 7}'', delay => ''5 minutes'').';
  END IF;
  job_run_at := coalesce(enqueue.run_at, now() + enqueue.delay, now());


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
  INSERT INTO millrace.waiting_jobs (id, type, payload, queue, priority, run_at, max_attempts, idempotency_key)
  VALUES (new_id, enqueue.type, CASE WHEN payload_bytes <= 2000 THEN job_payload END, job_queue, job_priority,
          job_run_at, job_max_attempts, enqueue.idempotency_key);
  -- Always: who sleeps when the caller commits is not known yet.
  IF job_run_at <= now() THEN
    PERFORM pg_notify('millrace_jobs', job_priority || ':' || job_queue);
  END IF;
  RETURN new_id;
END
$$;
