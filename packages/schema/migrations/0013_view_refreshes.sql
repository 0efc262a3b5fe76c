CREATE TABLE "millrace"."view_refreshes" (
	"schema_name" text NOT NULL,
	"view_name" text NOT NULL,
	"job_id" uuid NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"concurrent" boolean,
	"error" text,
	"refreshed_at" timestamp with time zone,
	"size_bytes" bigint,
	CONSTRAINT "view_refreshes_pkey" PRIMARY KEY("schema_name","view_name")
);
