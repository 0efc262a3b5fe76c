CREATE TABLE "millrace"."job_queues" (
	"name" varchar(100) PRIMARY KEY NOT NULL,
	"paused_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "millrace"."job_schedule_ticks" (
	"schedule_id" uuid NOT NULL,
	"tick_at" timestamp with time zone NOT NULL,
	"outcome" varchar(20) NOT NULL,
	"job_id" uuid,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "job_schedule_ticks_pkey" PRIMARY KEY("schedule_id","tick_at"),
	CONSTRAINT "job_schedule_ticks_outcome_check" CHECK (outcome IN ('enqueued', 'duplicate', 'misfire-skipped', 'overlap-skipped'))
);
--> statement-breakpoint
CREATE TABLE "millrace"."workers" (
	"worker_id" varchar(100) PRIMARY KEY NOT NULL,
	"queues" varchar(100)[] NOT NULL,
	"types" varchar(100)[] NOT NULL,
	"asleep" boolean DEFAULT false NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
DROP VIEW "millrace"."all_jobs";--> statement-breakpoint
ALTER TABLE "millrace"."job_history" ADD COLUMN "output" jsonb;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "jitter_ms" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "starts_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "ends_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD COLUMN "declared" jsonb;--> statement-breakpoint
ALTER TABLE "millrace"."jobs" ADD COLUMN "key_scope" varchar(20);--> statement-breakpoint
ALTER TABLE "millrace"."jobs" ADD COLUMN "key_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."jobs" ADD COLUMN "progress" jsonb;--> statement-breakpoint
ALTER TABLE "millrace"."jobs" ADD COLUMN "output" jsonb;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedule_ticks" ADD CONSTRAINT "job_schedule_ticks_schedule_id_job_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "millrace"."job_schedules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD CONSTRAINT "job_schedules_jitter_check" CHECK (jitter_ms BETWEEN 0 AND 86400000);--> statement-breakpoint
ALTER TABLE "millrace"."job_schedules" ADD CONSTRAINT "job_schedules_window_check" CHECK (starts_at < ends_at);--> statement-breakpoint
-- NOT VALID by hand: no row has a scope yet, and a scan of a large table under this lock would stop its workers.
ALTER TABLE "millrace"."jobs" ADD CONSTRAINT "jobs_key_scope_check" CHECK (key_scope IN ('queued', 'active', 'period')) NOT VALID;--> statement-breakpoint
CREATE VIEW "millrace"."all_jobs" AS ((select "id", "queue", "type", "payload", "state", "priority", "run_at", "lease_until", "lease_token", "worker_id", "attempts", "max_attempts", "crashes", "last_error", "last_run_at", "idempotency_key", "schedule_id", "created_at", "updated_at", "completed_at", "canceled_at", "cancel_requested_at", "key_scope", "key_until", "progress", "output" from "millrace"."jobs") union all (select "id" as "id", "queue" as "queue", "type" as "type", "payload" as "payload", 'completed'::varchar(20) as "state", "priority" as "priority", "run_at" as "run_at", NULL::timestamptz as "lease_until", "lease_token" as "lease_token", "worker_id" as "worker_id", "attempts" as "attempts", "max_attempts" as "max_attempts", "crashes" as "crashes", "last_error" as "last_error", "last_run_at" as "last_run_at", NULL::varchar(255) as "idempotency_key", NULL::uuid as "schedule_id", "created_at" as "created_at", "completed_at" as "updated_at", "completed_at" as "completed_at", NULL::timestamptz as "canceled_at", NULL::timestamptz as "cancel_requested_at", NULL::varchar(20) as "key_scope", NULL::timestamptz as "key_until", NULL::jsonb as "progress", "output" as "output" from "millrace"."job_history"));