-- drizzle-kit's own bookkeeping table lives in this schema, so it may exist already.
CREATE SCHEMA IF NOT EXISTS "millrace";
--> statement-breakpoint
-- Written by hand: drizzle-kit does not manage functions. UUID version 7 (RFC 9562, section 5.7): 48 bits of
-- Unix milliseconds over a random version 4 UUID, whose version bits change from 0100 to 0111.
CREATE FUNCTION "millrace"."uuid_v7"() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT pg_catalog.encode(
    pg_catalog.set_bit(
      pg_catalog.set_bit(
        overlay(
          pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
          PLACING substring(
            pg_catalog.int8send((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint) FROM 3
          ) FROM 1 FOR 6
        ), 52, 1
      ), 53, 1
    ), 'hex')::uuid
$$;
--> statement-breakpoint
CREATE TABLE "millrace"."job_attempts" (
	"job_id" uuid NOT NULL,
	"lease_token" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"worker_id" varchar(100),
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	"outcome" varchar(20) NOT NULL,
	"error" text,
	CONSTRAINT "job_attempts_pkey" PRIMARY KEY("job_id","lease_token"),
	CONSTRAINT "job_attempts_outcome_check" CHECK (outcome IN ('retried', 'failed', 'canceled', 'crashed', 'released'))
);
--> statement-breakpoint
CREATE TABLE "millrace"."job_schedules" (
	"id" uuid PRIMARY KEY DEFAULT millrace.uuid_v7() NOT NULL,
	"name" varchar(100) NOT NULL,
	"job_type" varchar(100) NOT NULL,
	"queue" varchar(100) DEFAULT 'default' NOT NULL,
	"payload" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"priority" smallint DEFAULT 0 NOT NULL,
	"cron_expr" varchar(100) NOT NULL,
	"timezone" varchar(50) DEFAULT 'UTC' NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"max_attempts" integer DEFAULT 3 NOT NULL,
	"misfire" varchar(20) DEFAULT 'latest' NOT NULL,
	"overlap" varchar(20) DEFAULT 'allow' NOT NULL,
	"next_run_at" timestamp with time zone,
	"last_run_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "job_schedules_name_key" UNIQUE("name"),
	CONSTRAINT "job_schedules_max_attempts_check" CHECK (max_attempts >= 1),
	CONSTRAINT "job_schedules_misfire_check" CHECK (misfire IN ('latest', 'skip', 'all')),
	CONSTRAINT "job_schedules_overlap_check" CHECK (overlap IN ('allow', 'skip'))
);
--> statement-breakpoint
CREATE TABLE "millrace"."jobs" (
	"id" uuid PRIMARY KEY DEFAULT millrace.uuid_v7() NOT NULL,
	"queue" varchar(100) DEFAULT 'default' NOT NULL,
	"type" varchar(100) NOT NULL,
	"payload" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"state" varchar(20) DEFAULT 'queued' NOT NULL,
	"priority" smallint DEFAULT 0 NOT NULL,
	"run_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_until" timestamp with time zone,
	"lease_token" bigint DEFAULT 0 NOT NULL,
	"worker_id" varchar(100),
	"attempts" integer DEFAULT 0 NOT NULL,
	"max_attempts" integer DEFAULT 3 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"last_run_at" timestamp with time zone,
	"idempotency_key" varchar(255),
	"schedule_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp with time zone,
	"canceled_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	CONSTRAINT "jobs_state_check" CHECK (state IN ('queued', 'running', 'completed', 'failed', 'canceled')),
	CONSTRAINT "jobs_max_attempts_check" CHECK (max_attempts >= 1),
	CONSTRAINT "jobs_lease_check" CHECK (state <> 'running' OR lease_until IS NOT NULL),
	CONSTRAINT "jobs_completed_at_check" CHECK ((state = 'completed') = (completed_at IS NOT NULL)),
	CONSTRAINT "jobs_canceled_at_check" CHECK ((state = 'canceled') = (canceled_at IS NOT NULL))
);
--> statement-breakpoint
ALTER TABLE "millrace"."jobs" ADD CONSTRAINT "jobs_schedule_id_job_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "millrace"."job_schedules"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "job_schedules_due_idx" ON "millrace"."job_schedules" USING btree ("next_run_at") WHERE enabled;--> statement-breakpoint
CREATE INDEX "jobs_claimable_idx" ON "millrace"."jobs" USING btree ("queue","priority","run_at","id") WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_lease_idx" ON "millrace"."jobs" USING btree ("lease_until") WHERE state = 'running';--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_idempotency_key_idx" ON "millrace"."jobs" USING btree ("idempotency_key") WHERE idempotency_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX "jobs_schedule_idx" ON "millrace"."jobs" USING btree ("schedule_id") WHERE schedule_id IS NOT NULL;