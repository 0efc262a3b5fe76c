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
CREATE INDEX "ended_jobs_not_completed_idx" ON "millrace"."ended_jobs" USING btree ("id") WHERE state <> 'completed';