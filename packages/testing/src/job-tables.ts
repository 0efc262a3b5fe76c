/** The tables that hold jobs and what belongs to one job, for a TRUNCATE. */
export const JOB_TABLES = `millrace.waiting_jobs, millrace.claims, millrace.ended_jobs, millrace.job_keys,
  millrace.job_payloads, millrace.cancel_requests`;
