/** The tables of jobs, keys, payloads and cancel requests, as a list for TRUNCATE. */
export const JOB_TABLES = `millrace.waiting_jobs, millrace.claims, millrace.ended_jobs, millrace.job_keys,
  millrace.job_payloads, millrace.cancel_requests`;
