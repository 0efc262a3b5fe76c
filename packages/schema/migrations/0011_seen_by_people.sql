CREATE TABLE "millrace"."queue_minutes" (
	"minute" timestamp with time zone NOT NULL,
	"queue" varchar(100) NOT NULL,
	"completed" bigint DEFAULT 0 NOT NULL,
	"failed" bigint DEFAULT 0 NOT NULL,
	"canceled" bigint DEFAULT 0 NOT NULL,
	"retried" bigint DEFAULT 0 NOT NULL,
	"crashed" bigint DEFAULT 0 NOT NULL,
	"refused" bigint DEFAULT 0 NOT NULL,
	"due" integer,
	"oldest_due_ms" bigint,
	"running" integer,
	CONSTRAINT "queue_minutes_pkey" PRIMARY KEY("minute","queue")
);
--> statement-breakpoint
ALTER TABLE "millrace"."workers" ADD COLUMN "release" varchar(50);--> statement-breakpoint
ALTER TABLE "millrace"."workers" ADD COLUMN "concurrency" integer;--> statement-breakpoint
ALTER TABLE "millrace"."workers" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."workers" ADD COLUMN "counts" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."workers" ADD COLUMN "crashed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "ended_jobs_not_completed_idx" ON "millrace"."ended_jobs" USING btree ("id") WHERE state <> 'completed';--> statement-breakpoint
CREATE UNIQUE INDEX "audit_log_undo_key" ON "millrace"."audit_log" USING btree ((filter ->> 'commandId')) WHERE action = 'undo';
--> statement-breakpoint
-- Written by hand from here on: the commands of people in psql write into the audit log, too, in their own transaction.
-- The row names the user of the session, and the program if it has told its name. It has what an undo needs.
CREATE FUNCTION "millrace"."record_command"("action" text, "job_id" uuid, "before" jsonb) RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO millrace.audit_log (command_id, who, via, action, filter, changed, before)
  VALUES (millrace.uuid_v7(), left(session_user, 200),
          left(coalesce(nullif(current_setting('application_name'), ''), 'SQL'), 200), action,
          jsonb_build_object('id', job_id), 1, jsonb_build_array(before))
$$;
--> statement-breakpoint
-- The three functions are those of the migration before, with the call of record_command.
CREATE OR REPLACE FUNCTION "millrace"."cancel_job"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  canceled millrace.waiting_jobs%ROWTYPE;
  token bigint;
  follower uuid;
  key_holder uuid;
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
      -- An undo needs to know which job waited for this one, and which job has its key: mostly the job itself.
      IF canceled.idempotency_key IS NOT NULL THEN
        SELECT f.id INTO follower FROM millrace.waiting_jobs AS f
        WHERE (f.settings ->> 'after') IS NOT NULL AND (f.settings ->> 'after') = canceled.id::text LIMIT 1;
        SELECT k.job_id INTO key_holder FROM millrace.job_keys AS k WHERE k.key = canceled.idempotency_key;
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
      PERFORM millrace.record_command('cancel', canceled.id, jsonb_strip_nulls(jsonb_build_object(
        'id', canceled.id, 'state', 'queued', 'follower', follower, 'keyHolder', key_holder)));
      RETURN 'canceled';
    END IF;

    SELECT r.lease_token INTO token FROM millrace.running_jobs AS r
    WHERE r.id = cancel_job.job_id AND cancel_job.job_id = ANY(r.claim_ids);
    IF FOUND THEN
      INSERT INTO millrace.cancel_requests AS asked (job_id) VALUES (cancel_job.job_id) ON CONFLICT DO NOTHING;
      PERFORM pg_notify('millrace_jobs', 'cancel:' || cancel_job.job_id || ':' || token);
      PERFORM millrace.record_command('cancel', cancel_job.job_id,
        jsonb_build_object('id', cancel_job.job_id, 'state', 'running'));
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
CREATE OR REPLACE FUNCTION "millrace"."retry_job"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
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
      PERFORM millrace.record_command('retry', again.id, jsonb_strip_nulls(jsonb_build_object(
        'id', again.id, 'state', again.state, 'runAt', again.run_at, 'attempts', again.attempts, 'crashes', again.crashes,
        'endedAt', again.ended_at, 'leaseToken', again.lease_token,
        'output', CASE WHEN octet_length(again.output::text) <= 8192 THEN again.output::text END,
        'outputBytes', CASE WHEN octet_length(again.output::text) > 8192 THEN octet_length(again.output::text) END,
        'settings', CASE WHEN again.settings ?| '{after,startBy}' THEN again.settings::text END)));
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
CREATE OR REPLACE FUNCTION "millrace"."run_job_now"("job_id" uuid) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
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
        PERFORM millrace.record_command('runNow', found_job.id, jsonb_strip_nulls(jsonb_build_object(
          'id', found_job.id, 'state', 'queued', 'runAt', found_job.run_at, 'leaseToken', found_job.lease_token,
          'settings', CASE WHEN found_job.settings ?| '{after,startBy}' THEN found_job.settings::text END)));
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
