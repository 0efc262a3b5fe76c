CREATE TABLE "millrace"."job_history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"queue" varchar(100) NOT NULL,
	"type" varchar(100) NOT NULL,
	"payload" jsonb NOT NULL,
	"priority" smallint NOT NULL,
	"run_at" timestamp with time zone NOT NULL,
	"lease_token" bigint NOT NULL,
	"worker_id" varchar(100),
	"attempts" integer NOT NULL,
	"max_attempts" integer NOT NULL,
	"crashes" integer NOT NULL,
	"last_error" text,
	"last_run_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"completed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE VIEW "millrace"."all_jobs" AS ((select "id", "queue", "type", "payload", "state", "priority", "run_at", "lease_until", "lease_token", "worker_id", "attempts", "max_attempts", "crashes", "last_error", "last_run_at", "idempotency_key", "schedule_id", "created_at", "updated_at", "completed_at", "canceled_at", "cancel_requested_at" from "millrace"."jobs") union all (select "id" as "id", "queue" as "queue", "type" as "type", "payload" as "payload", 'completed'::varchar(20) as "state", "priority" as "priority", "run_at" as "run_at", NULL::timestamptz as "lease_until", "lease_token" as "lease_token", "worker_id" as "worker_id", "attempts" as "attempts", "max_attempts" as "max_attempts", "crashes" as "crashes", "last_error" as "last_error", "last_run_at" as "last_run_at", NULL::varchar(255) as "idempotency_key", NULL::uuid as "schedule_id", "created_at" as "created_at", "completed_at" as "updated_at", "completed_at" as "completed_at", NULL::timestamptz as "canceled_at", NULL::timestamptz as "cancel_requested_at" from "millrace"."job_history"));