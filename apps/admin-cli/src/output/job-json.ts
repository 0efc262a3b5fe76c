import { type Job, type JobAttempt, traceIdsOf } from "@millrace/queue";

/** A job in JSON output. The keys are documented and stay; later releases may add keys. */
export function jobJson(job: Job) {
  return {
    id: job.id,
    queue: job.queue,
    type: job.type,
    payload: job.payload,
    state: job.state,
    priority: job.priority,
    runAt: job.runAt,
    attempts: job.attempts,
    maxAttempts: job.maxAttempts,
    crashes: job.crashes,
    lastError: job.lastError,
    lastRunAt: job.lastRunAt,
    workerId: job.workerId,
    leaseUntil: job.leaseUntil,
    leaseToken: job.leaseToken,
    idempotencyKey: job.idempotencyKey,
    scheduleId: job.scheduleId,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    completedAt: job.completedAt,
    canceledAt: job.canceledAt,
    cancelRequestedAt: job.cancelRequestedAt,
    progress: job.progress,
    output: job.output,
    tags: job.tags,
    metadata: job.metadata,
    startBy: job.startBy,
    tickAt: job.tickAt,
    settings: job.settings,
    traceId: job.traceContext === null ? null : traceIdsOf(job.traceContext).traceId,
  };
}

/** An attempt in JSON output. The keys are documented and stay; later releases may add keys. */
export function attemptJson(attempt: JobAttempt) {
  return {
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    workerId: attempt.workerId,
    startedAt: attempt.startedAt,
    finishedAt: attempt.finishedAt,
    leaseToken: attempt.leaseToken,
    error: attempt.error,
  };
}
