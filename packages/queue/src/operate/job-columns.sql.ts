/** The columns of a job `j` of `millrace.jobs` or `millrace.running_jobs`, as `rowToJob` reads them. */
export const JOB_COLUMNS = `j.id, j.queue, j.type, j.payload, j.state, j.priority, j.run_at, j.lease_until,
  j.lease_token, j.worker_id, j.attempts, j.max_attempts, j.crashes, j.last_error, j.last_run_at, j.idempotency_key,
  j.schedule_id, j.created_at, j.updated_at, j.completed_at, j.canceled_at, j.cancel_requested_at, j.progress,
  j.output, j.settings, j.tags, j.metadata, j.start_by, j.tick_at`;

/** The same columns with NULL for the payload, the output and the progress, which then are not read. */
export const COLUMNS_WITHOUT_JSON = JOB_COLUMNS.replace(
  /j\.(payload|output|progress)\b/g,
  "NULL::jsonb AS $1",
);
