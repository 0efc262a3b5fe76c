-- Written by hand: drizzle-kit does not manage storage settings. Measured in docs/decisions/0009-table-settings.md.
-- By default a table is vacuumed when a fifth of it is dead: with a deep backlog, or many finished jobs kept, that is
-- hundreds of thousands of dead rows, and as many index entries. Now 5,000 rows and a hundredth of the table are enough.
-- Setting autovacuum's parameters takes only SHARE UPDATE EXCLUSIVE: claims, enqueues and completions go on. It waits for
-- a vacuum or an index build of the same table, at most for the lock time-out; an autovacuum gives way.
ALTER TABLE "millrace"."jobs" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint
-- History is written once and pruned from its old end, where the next walk begins.
ALTER TABLE "millrace"."job_history" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000);
